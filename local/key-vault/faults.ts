import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { badParameter, KeyVaultError } from './errors.ts';
import type { OperationName } from './operations.ts';

/**
 * A switched-on misbehaviour. It applies to the operation that `match` names (all when absent), `count` times (without
 * end when absent) and for `durationSeconds` (without end when absent).
 */
export const faultSchema = z
  .strictObject({
    /** The answer: 503 for a vault that is down, 429 for throttling. */
    status: z.int().min(400).max(599).optional(),
    /** Waits before answering; without `status` the operation then goes on as usual. */
    delayMs: z.int().min(0).max(600_000).optional(),
    retryAfterSeconds: z.int().min(0).optional(),
    match: z.string().optional(),
    count: z.int().min(1).optional(),
    durationSeconds: z.number().positive().optional(),
    /** The operation is carried out and only its answer is lost. */
    afterOperation: z.boolean().optional(),
  })
  .refine((fault) => fault.status !== undefined || fault.delayMs !== undefined, 'give a status, a delayMs or both');

export type Fault = z.infer<typeof faultSchema>;

export interface Faults {
  add(fault: Fault): void;
  list(): Fault[];
  clear(): void;
  /** Delays and throws as the switches say; does nothing when none matches. */
  apply(operation: OperationName, moment: 'before' | 'after'): Promise<void>;
}

export function createFaults(): Faults {
  let active: { fault: Fault; left: number; endsAt: number }[] = [];
  const current = () => {
    active = active.filter(({ left, endsAt }) => left > 0 && Date.now() < endsAt);
    return active;
  };
  return {
    add(fault) {
      const endsAt = Date.now() + (fault.durationSeconds ?? Number.POSITIVE_INFINITY) * 1000;
      active.push({ fault, left: fault.count ?? Number.POSITIVE_INFINITY, endsAt });
    },
    list: () => current().map(({ fault }) => fault),
    clear() {
      active = [];
    },
    async apply(operation, moment) {
      const entry = current().find(
        ({ fault }) =>
          (fault.match ?? operation) === operation && (fault.afterOperation === true) === (moment === 'after'),
      );
      if (entry === undefined) return;
      entry.left -= 1;
      const { status, delayMs, retryAfterSeconds } = entry.fault;
      if (delayMs !== undefined) await delay(delayMs, undefined, { ref: false });
      if (status !== undefined) throw new FaultError(status, retryAfterSeconds);
    },
  };
}

/** The error that a switch asked for. */
export class FaultError extends KeyVaultError {
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, retryAfterSeconds?: number) {
    const throttled = status === 429;
    super(status, throttled ? 'Throttled' : 'ServiceUnavailable', `Answer ${status} asked for by a fault switch.`);
    this.retryAfterSeconds = retryAfterSeconds ?? (throttled ? 1 : undefined);
  }
}

/** Checks that a fault's `match` is an operation of this vault. */
export function parseFault(body: unknown, operations: readonly string[]): Fault {
  const parsed = faultSchema.safeParse(body);
  if (!parsed.success) throw badParameter(z.prettifyError(parsed.error));
  const { match } = parsed.data;
  if (match !== undefined && !operations.includes(match))
    throw badParameter(`match: ${match} is not one of ${operations.join(', ')}`);
  return parsed.data;
}
