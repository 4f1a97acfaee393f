import { setTimeout as delay } from 'node:timers/promises';
import type { Container, OperationInput, RequestOptions } from '@azure/cosmos';

export interface BulkOutcome {
  /** As a single write answers: 200, 201, 204, 404, 409, 412. */
  readonly status: number;
}

/** An atomic batch takes at most 100 operations and 2 MB. */
const MAX_OPERATIONS = 100;
const MAX_BYTES = 1_500_000;
const MAX_BATCHES_IN_FLIGHT = 4;
const MAX_SINGLES_IN_FLIGHT = 16;

const THROTTLED = new Set([408, 429, 449, 503]);
const MAX_ROUNDS = 6;

/** A write that the database kept refusing, for lack of throughput or for its form; the caller parks and comes back. */
export class BulkError extends Error {
  override name = 'BulkError' as const;
  readonly code: number;

  constructor(code: number) {
    super(`the database answered ${code} to a bulk write`);
    this.code = code;
  }
}

/**
 * Writes operations of one partition with bounded concurrency. Each succeeds or fails alone, in the order given: 404,
 * 409 and 412 are outcomes, everything else that fails throws {@link BulkError}.
 *
 * They travel in atomic batches, because the SDK's own bulk call waits a second to fill its batches, whatever it is
 * given. A batch that fails for one operation's condition is done again one by one.
 */
export async function runBulk(container: Container, operations: readonly OperationInput[]): Promise<BulkOutcome[]> {
  const outcomes = new Array<BulkOutcome>(operations.length);
  await inParallel(chunks(operations), MAX_BATCHES_IN_FLIGHT, async ({ start, part }) => {
    const results = (await runAtomically(container, part)) ?? (await runSingly(container, part));
    results.forEach((outcome, index) => {
      outcomes[start + index] = outcome;
    });
  });
  return outcomes;
}

/** The outcomes of a batch that was written as a whole; `undefined` when nothing of it was. */
async function runAtomically(
  container: Container,
  operations: readonly OperationInput[],
): Promise<BulkOutcome[] | undefined> {
  if (operations.length === 1) return undefined;
  try {
    const { result } = await container.items.batch([...operations], operations[0]?.partitionKey);
    const outcomes = (result ?? []).map(({ statusCode }) => ({ status: statusCode }));
    const isWhole = outcomes.length === operations.length && outcomes.every(({ status }) => status < 300);
    return isWhole ? outcomes : undefined;
  } catch (error) {
    // Too large together, throttled, or refused: one by one shows which.
    if (typeof (error as { code?: unknown }).code === 'number') return undefined;
    throw error;
  }
}

async function runSingly(container: Container, operations: readonly OperationInput[]): Promise<BulkOutcome[]> {
  const outcomes = new Array<BulkOutcome>(operations.length);
  await inParallel([...operations.entries()], MAX_SINGLES_IN_FLIGHT, async ([index, operation]) => {
    outcomes[index] = await runOne(container, operation);
  });
  return outcomes;
}

async function runOne(container: Container, operation: OperationInput): Promise<BulkOutcome> {
  for (let round = 1; ; round++) {
    const status = await statusOf(write(container, operation));
    if (status < 400 || [404, 409, 412].includes(status)) return { status };
    if (!THROTTLED.has(status) || round === MAX_ROUNDS) throw new BulkError(status);
    await delay(50 * 2 ** round);
  }
}

async function statusOf(response: Promise<{ statusCode: number }>): Promise<number> {
  try {
    return (await response).statusCode;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'number') return code;
    throw error;
  }
}

function write(container: Container, operation: OperationInput): Promise<{ statusCode: number }> {
  const partitionKey = operation.partitionKey;
  const options: RequestOptions =
    'ifMatch' in operation && operation.ifMatch
      ? { accessCondition: { type: 'IfMatch', condition: operation.ifMatch } }
      : {};
  switch (operation.operationType) {
    case 'Create':
      return container.items.create(operation.resourceBody, options);
    case 'Upsert':
      return container.items.upsert(operation.resourceBody, options);
    case 'Replace':
      return container.item(operation.id, partitionKey).replace(operation.resourceBody as never, options);
    case 'Patch':
      return container.item(operation.id, partitionKey).patch(operation.resourceBody, options);
    case 'Delete':
      return container.item(operation.id, partitionKey).delete(options);
    case 'Read':
      return container.item(operation.id, partitionKey).read(options);
  }
}

/** Consecutive operations that fit into one batch. */
function chunks(operations: readonly OperationInput[]): { start: number; part: OperationInput[] }[] {
  const result: { start: number; part: OperationInput[] }[] = [];
  let bytes = 0;
  operations.forEach((operation, start) => {
    const size = 'resourceBody' in operation ? JSON.stringify(operation.resourceBody).length : 0;
    const last = result.at(-1);
    if (last && last.part.length < MAX_OPERATIONS && bytes + size <= MAX_BYTES) {
      last.part.push(operation);
      bytes += size;
    } else {
      result.push({ start, part: [operation] });
      bytes = size;
    }
  });
  return result;
}

/**
 * Works through values in a few lanes. The first failure ends all of them and is thrown when none works any more: whoever
 * tries again must not meet writes of the attempt before.
 */
export async function inParallel<T>(
  values: readonly T[],
  lanes: number,
  work: (value: T) => Promise<unknown>,
): Promise<void> {
  const queue = values.values();
  let failed = false;
  const lane = async () => {
    for (const value of queue) {
      if (failed) return;
      try {
        await work(value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(lanes, values.length) }, lane));
  const failure = ended.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
