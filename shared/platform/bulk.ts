import { setTimeout as delay } from 'node:timers/promises';
import type { Container, OperationInput } from '@azure/cosmos';

export interface BulkOutcome {
  /** As a single write would have answered: 200, 201, 204, 404, 409, 412. */
  readonly status: number;
}

const RETRIED = new Set([408, 429, 449, 503]);
const MAX_ROUNDS = 6;
const MAX_IN_FLIGHT = 100;

/** A write that the database kept refusing for lack of throughput; the caller parks and comes back. */
export class BulkError extends Error {
  override name = 'BulkError' as const;
  readonly code: number;

  constructor(code: number) {
    super(`a bulk write was answered ${code} ${MAX_ROUNDS} times`);
    this.code = code;
  }
}

/**
 * Writes operations of one partition with bounded concurrency; each succeeds or fails alone, in the order given. The
 * SDK reports failures per item and gives up on 429 in the end, so every outcome is looked at and what was only
 * throttled is tried again after a growing pause. Throws {@link BulkError} when throttling does not end.
 */
export async function runBulk(container: Container, operations: readonly OperationInput[]): Promise<BulkOutcome[]> {
  const outcomes = new Array<BulkOutcome>(operations.length);
  let left = operations.map((operation, index) => ({ operation, index }));
  for (let round = 0; left.length > 0; round++) {
    const again: typeof left = [];
    for (let start = 0; start < left.length; start += MAX_IN_FLIGHT) {
      const slice = left.slice(start, start + MAX_IN_FLIGHT);
      const results = await container.items.executeBulkOperations(slice.map(({ operation }) => operation));
      slice.forEach((entry, position) => {
        const result = results[position];
        const status = Number(result?.response?.statusCode ?? result?.error?.code ?? 500);
        if (RETRIED.has(status)) again.push(entry);
        outcomes[entry.index] = { status };
      });
    }
    left = again;
    if (left.length === 0) break;
    if (round + 1 >= MAX_ROUNDS) throw new BulkError(outcomes[left[0]?.index ?? 0]?.status ?? 429);
    await delay(100 * 2 ** round);
  }
  const broken = outcomes.find(({ status }) => status >= 500 || status === 400 || status === 413);
  if (broken) throw new BulkError(broken.status);
  return outcomes;
}
