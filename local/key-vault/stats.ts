import { type OperationName, WRITES } from './operations.ts';

export interface Stats {
  reads: number;
  writes: number;
  /** Requests with a token, by operation; those that failed (a fault included) are counted again in `failed`. */
  operations: Record<string, { requests: number; failed: number }>;
}

export interface StatsCounter {
  count(operation: OperationName, ok: boolean): void;
  read(): Stats;
  reset(): void;
}

export function createStats(): StatsCounter {
  const empty = (): Stats => ({ reads: 0, writes: 0, operations: {} });
  let stats = empty();
  return {
    count(operation, ok) {
      stats[WRITES.has(operation) ? 'writes' : 'reads'] += 1;
      stats.operations[operation] ??= { requests: 0, failed: 0 };
      const counter = stats.operations[operation];
      counter.requests += 1;
      if (!ok) counter.failed += 1;
    },
    read: () => structuredClone(stats),
    reset() {
      stats = empty();
    },
  };
}
