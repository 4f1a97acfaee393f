import type { PassName, Probe } from '../connection/record.ts';
import type { Interlude } from './interlude.ts';
import type { Position } from './position.ts';

export type RunState = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'canceled';
export type RunMode = 'delta' | 'full';
export type RunTrigger = 'connect' | 'schedule' | 'manual';

/** What a person watches while a run goes on. */
export interface RunCounters {
  /** Pages that Confluence listed. */
  readonly found: number;
  readonly written: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly spaces: number;
  readonly labels: number;
  readonly attachments: number;
  /** Items that could not be read or understood: see `problems`. */
  readonly skipped: number;
  readonly requests: number;
  readonly points: number;
}

export const NO_COUNTS: RunCounters = {
  found: 0,
  written: 0,
  unchanged: 0,
  removed: 0,
  spaces: 0,
  labels: 0,
  attachments: 0,
  skipped: 0,
  requests: 0,
  points: 0,
};

/** Partial trouble: shown on the run, does not stop it. */
export interface RunProblem {
  /** Stable: `item_misfit`, `page_unreadable`, `space_unreadable`, `attachments_unsorted`,
   * `pass_failed`, `mass_absence`. */
  readonly code: string;
  /** What a person can understand; ids, no content. */
  readonly detail: string;
  readonly at: string;
}

/** One sync of a tenant: an item of `control`. It leaves 30 days after its last write. */
export interface Run {
  /** `run:{runId}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'run';
  readonly runId: string;
  readonly cloudId: string;
  readonly mode: RunMode;
  readonly trigger: RunTrigger;
  /** What a full run does, in this order. A delta has none. */
  readonly passes: readonly PassName[];
  readonly state: RunState;
  /** Raised with every message that is sent for the run, so that a message of another epoch is stale and dropped. */
  readonly epoch: number;
  /** When the message of this epoch becomes visible. */
  readonly messageDueAt: string;
  /** While running: after this moment the worker counts as dead. */
  readonly leaseUntil?: string;
  readonly resumeAt?: string;
  readonly step: Position['step'];
  readonly cursor: Position['cursor'];
  readonly counters: RunCounters;
  readonly estimatedPages?: number;
  /** Pages written that the index did not have. */
  readonly created: number;
  /** The newest page before the first listing; becomes the connection's when the run succeeds. */
  readonly probe?: Probe;
  /** A full run's last look for changes; see `interlude.ts`. */
  readonly lastLook?: { readonly at: string; readonly probe?: Probe };
  readonly interlude?: Interlude;
  readonly problems: readonly RunProblem[];
  /** Problems beyond the ones kept. */
  readonly moreProblems: number;
  readonly failuresInRow: number;
  readonly failedPasses: readonly PassName[];
  /** What each pass cost so far. */
  readonly passPoints: Readonly<Partial<Record<PassName, number>>>;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly checkpointAt?: string;
  readonly endedAt?: string;
  readonly ttl: number;
}

export const RUN_TTL_SECONDS = 30 * 24 * 3600;

/** More than this many are counted, not kept: a run stays a small item. */
export const MAX_PROBLEMS = 50;

export function runItemId(runId: string): string {
  return `run:${runId}`;
}

export function isEnded(state: RunState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'canceled';
}
