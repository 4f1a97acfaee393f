import { randomUUID } from 'node:crypto';
import type { PassName } from '../connection/record.ts';
import type { Deps } from '../platform/deps.ts';
import { NO_COUNTS, RUN_TTL_SECONDS, type Run, type RunMode, type RunTrigger, runItemId } from './run.ts';
import { type SendOptions, sendMessage } from './send-message.ts';

export interface NewRun {
  readonly tenantId: string;
  readonly cloudId: string;
  readonly mode: RunMode;
  readonly trigger: RunTrigger;
  /** Of a full run; a delta has none. */
  readonly passes?: readonly PassName[];
}

export const ALL_PASSES: readonly PassName[] = ['ids', 'labels', 'attachments'];

/** A run that waits for its first message. The caller writes it, with whatever else belongs to the same batch. */
export function newRun({ tenantId, cloudId, mode, trigger, passes }: NewRun, now: Date): Run {
  // Ids sort by time, so that "newest first" needs no second index.
  const runId = `${now.toISOString().replace(/[-:.TZ]/g, '')}-${randomUUID().slice(0, 8)}`;
  return {
    id: runItemId(runId),
    tenantId,
    type: 'run',
    runId,
    cloudId,
    mode,
    trigger,
    passes: mode === 'full' ? (passes ?? ALL_PASSES) : [],
    state: 'queued',
    epoch: 1,
    messageDueAt: now.toISOString(),
    step: 'probe',
    cursor: null,
    counters: NO_COUNTS,
    created: 0,
    problems: [],
    moreProblems: 0,
    failuresInRow: 0,
    failedPasses: [],
    passPoints: {},
    createdAt: now.toISOString(),
    ttl: RUN_TTL_SECONDS,
  };
}

/** Sends the message that makes a worker take up the run's next slice. */
export function sendRunMessage(deps: Pick<Deps, 'queues'>, run: Run, options: SendOptions = {}): Promise<void> {
  return sendMessage(
    deps,
    { kind: 'run', tenantId: run.tenantId, runId: run.runId, epoch: run.epoch, dueAt: run.messageDueAt },
    { interactive: run.trigger !== 'schedule', ...options },
  );
}
