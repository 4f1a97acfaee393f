import { inParallel } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { readItem } from '../platform/items.ts';
import { handOver, RunTakenOver } from './checkpoint.ts';
import { decodeMessage } from './message.ts';
import { type Run, runItemId } from './run.ts';
import { MAX_IN_FLIGHT, OVERDUE_QUERY } from './schedule.ts';

/**
 * A message that was due before this moment, and of which nothing was heard, counts as lost. A long queue is no loss: the
 * message at its front shows how long healthy ones wait now, and what is twice as late as that is late.
 */
export async function overdueBefore(deps: Deps): Promise<Date> {
  const now = deps.now().getTime();
  const waits = await Promise.all(
    (['confluence-sync', 'confluence-sync-now'] as const).map((name) => frontWaitMs(deps, name)),
  );
  return new Date(now - Math.max(deps.settings.REVIVE_QUEUED_SECONDS * 1000, 2 * Math.max(...waits)));
}

/** How long the message at the front of a queue has been due; 0 for an empty queue. */
async function frontWaitMs(deps: Deps, name: 'confluence-sync' | 'confluence-sync-now'): Promise<number> {
  const { peekedMessageItems } = await deps.queues[name].peekMessages({ numberOfMessages: 1 });
  const [front] = peekedMessageItems;
  const message = front && decodeMessage(front.messageText);
  if (!front) return 0;
  const dueAt = message && 'dueAt' in message && message.dueAt ? Date.parse(message.dueAt) : front.insertedOn.getTime();
  return Math.max(0, deps.now().getTime() - dueAt);
}

/**
 * Revives chains whose worker died (its lease has passed) or whose message was never sent or got lost (long overdue).
 * The epoch rises, so that a message which turns up after all is stale.
 */
export async function reviveOverdue(deps: Deps, overdueSince: Date): Promise<number> {
  const query = {
    query: OVERDUE_QUERY,
    parameters: [
      { name: '@now', value: deps.now().toISOString() },
      { name: '@overdue', value: overdueSince.toISOString() },
    ],
  };
  const { resources } = await deps.control.items.query<Pick<Run, 'tenantId' | 'runId' | 'epoch'>>(query).fetchAll();
  let revived = 0;
  await inParallel(resources, MAX_IN_FLIGHT, async ({ tenantId, runId, epoch }) => {
    if (await reviveRun(deps, tenantId, runId, epoch)) revived += 1;
  });
  return revived;
}

/** Sends a run's message anew. False when the run was written meanwhile: then it lives. */
export async function reviveRun(deps: Deps, tenantId: string, runId: string, epoch: number): Promise<boolean> {
  const stored = await readItem<Run>(deps.control, tenantId, runItemId(runId));
  if (!stored || stored.item.epoch !== epoch) return false;
  try {
    await handOver(deps, stored, {});
    deps.log.warn('run_revived', { tenantId, runId, epoch, state: stored.item.state });
    return true;
  } catch (error) {
    if (error instanceof RunTakenOver) return false;
    throw error;
  }
}
