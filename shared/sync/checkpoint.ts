import type { Deps } from '../platform/deps.ts';
import { hasStatus, ifMatch, type Stored } from '../platform/items.ts';
import { sendRunMessage } from './new-run.ts';
import { MAX_PROBLEMS, RUN_TTL_SECONDS, type Run, type RunCounters, type RunProblem } from './run.ts';

/** Somebody else wrote the run since this worker read it: it was canceled, promoted or revived. Stop without a word. */
export class RunTakenOver extends Error {
  override name = 'RunTakenOver' as const;
}

/** Writes the run, if nobody else has. Throws {@link RunTakenOver}. */
export async function checkpoint(
  deps: Pick<Deps, 'control' | 'now'>,
  { item, etag }: Stored<Run>,
  changes: Partial<Run>,
): Promise<Stored<Run>> {
  const run: Run = { ...item, ...changes, checkpointAt: deps.now().toISOString(), ttl: RUN_TTL_SECONDS };
  try {
    const written = await deps.control.item(run.id, run.tenantId).replace<Run>(run, ifMatch(etag));
    return { item: run, etag: written.etag };
  } catch (error) {
    if (hasStatus(error, 404, 412)) throw new RunTakenOver(run.runId);
    throw error;
  }
}

/**
 * Ends this worker's turn: the next message is written into the run, then sent. Should the process die in between, the
 * timer finds a run whose message is overdue and revives it.
 */
export async function handOver(
  deps: Pick<Deps, 'control' | 'now' | 'queues'>,
  stored: Stored<Run>,
  changes: Partial<Run> & { resumeAt?: string },
): Promise<void> {
  const { leaseUntil: _lease, resumeAt: _before, ...rest } = stored.item;
  const dueAt = changes.resumeAt ?? deps.now().toISOString();
  const next = await checkpoint(
    deps,
    { ...stored, item: rest },
    { ...changes, state: changes.resumeAt ? 'waiting' : 'queued', epoch: rest.epoch + 1, messageDueAt: dueAt },
  );
  const delaySeconds = Math.max(0, (Date.parse(dueAt) - deps.now().getTime()) / 1000);
  await sendRunMessage(deps, next.item, { delaySeconds });
}

export function addCounts(before: RunCounters, counts: Partial<RunCounters>): RunCounters {
  return Object.fromEntries(
    Object.entries(before).map(([name, value]) => [name, value + (counts[name as keyof RunCounters] ?? 0)]),
  ) as unknown as RunCounters;
}

/** Keeps the first problems and counts the rest: a run stays a small item. */
export function addProblems(run: Run, problems: readonly RunProblem[]): Pick<Run, 'problems' | 'moreProblems'> {
  const kept = [...run.problems, ...problems].slice(0, MAX_PROBLEMS);
  const dropped = run.problems.length + problems.length - kept.length;
  return { problems: kept, moreProblems: run.moreProblems + dropped };
}
