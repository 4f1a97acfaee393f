import type { PassName } from '../connection/record.ts';

export type RunState = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'canceled';
export type RunMode = 'delta' | 'full';
export type RunTrigger = 'connect' | 'schedule' | 'manual';

/** What a person watches while a run goes on. */
export interface RunCounters {
  readonly found: number;
  readonly written: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly attachments: number;
  readonly labels: number;
  readonly requests: number;
  readonly points: number;
  readonly skipped: number;
}

/** Partial trouble: shown on the run, does not stop it. */
export interface RunProblem {
  readonly code: string;
  readonly detail: string;
  readonly at: string;
}

/** One sync of a tenant: an item of `control`. Ended runs leave after 30 days. */
export interface Run {
  /** `run:{runId}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'run';
  readonly runId: string;
  readonly cloudId: string;
  readonly mode: RunMode;
  readonly trigger: RunTrigger;
  readonly passes: readonly PassName[];
  readonly state: RunState;
  /** Raised when the run is revived or promoted; a message of another epoch is dropped. */
  readonly epoch: number;
  readonly messageDueAt: string;
  readonly leaseUntil?: string;
  readonly resumeAt?: string;
  readonly step: string;
  /** Where the step goes on: a plain JSON value that only the step reads. */
  readonly cursor?: unknown;
  readonly counters: RunCounters;
  readonly estimatedPages?: number;
  readonly problems: readonly RunProblem[];
  readonly failuresInRow: number;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly checkpointAt?: string;
  readonly endedAt?: string;
  readonly ttl: number;
}

export const RUN_TTL_SECONDS = 30 * 24 * 3600;

export function runItemId(runId: string): string {
  return `run:${runId}`;
}
