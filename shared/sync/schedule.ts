import type { JSONObject, OperationInput, PatchOperation } from '@azure/cosmos';
import { findConnectionsToTidy } from '../connection/due.ts';
import { CONNECTION_ID, type Connection, type DeltaClaim, type PassName } from '../connection/record.ts';
import { inParallel } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { hasStatus, ifMatch, runBatch } from '../platform/items.ts';
import { nextSyncAt } from './end-run.ts';
import { ALL_PASSES, newRun, sendRunMessage } from './new-run.ts';
import { settlePoisoned } from './poison.ts';
import { overdueBefore, reviveOverdue } from './revive.ts';
import { sendMessage } from './send-message.ts';
import { demandPerHour, isStretchDue, writeStretch } from './stretch.ts';

/**
 * The queries of the schedule that read across tenants. They give ids, times and costs, no content. Three more are in
 * `shared/connection/`: what to tidy, and who is to be reported to Atlassian; a test lists all six.
 */
export const DUE_QUERY =
  'SELECT c.tenantId, c.nextSyncAt, c.delta, c.passes, c.activeRunId, c.watermark, c.site.cloudId, c._etag FROM c ' +
  'WHERE c.type = "connection" AND c.status = "connected" AND c.nextSyncAt <= @now';

export const OVERDUE_QUERY =
  'SELECT c.tenantId, c.runId, c.epoch FROM c WHERE c.type = "run" AND ' +
  '((c.state = "running" AND c.leaseUntil < @now) OR (c.state IN ("queued", "waiting") AND c.messageDueAt < @overdue))';

export const PASS_COSTS_QUERY = 'SELECT c.passes FROM c WHERE c.type = "connection" AND c.status = "connected"';

interface Due {
  readonly tenantId: string;
  readonly nextSyncAt: string;
  readonly delta?: DeltaClaim;
  readonly passes: Connection['passes'];
  readonly activeRunId?: string;
  readonly watermark?: string;
  readonly cloudId?: string;
  readonly _etag: string;
}

/** Tenants claimed at the same time: bound by the database, not by this process. */
export const MAX_IN_FLIGHT = 32;

export interface ScheduleOutcome {
  readonly deltas: number;
  readonly runs: number;
  readonly revived: number;
  readonly tidied: number;
  readonly poisoned: number;
}

/**
 * What the timer does every minute: claims due tenants, revives dead chains, asks for what was left undone, and looks
 * after the poison queues.
 */
export async function scheduleDue(deps: Deps): Promise<ScheduleOutcome> {
  const overdueSince = await overdueBefore(deps);
  const outcome = {
    ...(await claimDue(deps, overdueSince)),
    revived: await reviveOverdue(deps, overdueSince),
    tidied: await tidyDue(deps),
    poisoned: await settlePoisoned(deps),
  };
  if (await isStretchDue(deps)) await writeStretch(deps, await demandOfAll(deps));
  if (Object.values(outcome).some((count) => count > 0)) deps.log.info('scheduled', { ...outcome });
  return outcome;
}

/** What the passes of all tenants would cost an hour at their shortest intervals. */
async function demandOfAll(deps: Deps): Promise<number> {
  let demand = 0;
  const iterator = deps.control.items.query<Pick<Connection, 'passes'>>(PASS_COSTS_QUERY, { maxItemCount: 1000 });
  while (iterator.hasMoreResults()) {
    const { resources } = await iterator.fetchNext();
    for (const { passes } of resources ?? []) demand += demandPerHour(deps.settings, passes);
  }
  return demand;
}

async function claimDue(deps: Deps, overdueSince: Date): Promise<{ deltas: number; runs: number }> {
  let deltas = 0;
  let runs = 0;
  const now = deps.now();
  const query = { query: DUE_QUERY, parameters: [{ name: '@now', value: now.toISOString() }] };
  const iterator = deps.control.items.query<Due>(query, { maxItemCount: 1000 });
  while (iterator.hasMoreResults()) {
    const { resources } = await iterator.fetchNext();
    await inParallel(resources ?? [], MAX_IN_FLIGHT, async (due) => {
      const kind = await claim(deps, due, now, overdueSince);
      if (kind === 'delta') deltas += 1;
      if (kind === 'run') runs += 1;
    });
  }
  return { deltas, runs };
}

/** One tenant, one chain: a tenant that has a run, or a delta in the queue, only gets its next due time. */
async function claim(deps: Deps, due: Due, now: Date, overdueSince: Date): Promise<'delta' | 'run' | undefined> {
  try {
    const passes = duePasses(due, now);
    // Without a watermark there is nothing to go on from: a first sync that failed waits for its passes.
    const isIdle = passes.length === 0 && due.watermark === undefined;
    if (due.activeRunId !== undefined || isIdle || isPending(due.delta, overdueSince)) {
      await patchDue(deps, due, [{ op: 'set', path: '/nextSyncAt', value: nextSyncAt(deps, now) }]);
      return undefined;
    }
    return passes.length > 0 ? await claimRun(deps, due, passes, now) : await claimDelta(deps, due, now);
  } catch (error) {
    if (hasStatus(error, 404, 412)) return undefined; // another timer, or a change of the connection, was first
    deps.log.error('claim_failed', { tenantId: due.tenantId, error });
    return undefined;
  }
}

/** The passes that are due; all of them for a site that was never read to the end. */
function duePasses({ passes, watermark }: Due, now: Date): PassName[] {
  const neverDone = watermark === undefined ? '' : undefined;
  return ALL_PASSES.filter((name) => {
    const dueAt = passes[name]?.dueAt ?? neverDone;
    return dueAt !== undefined && dueAt <= now.toISOString();
  });
}

/** The claim is written, then the message sent. A crash in between costs the tenant this delta, not the next one. */
async function claimDelta(deps: Deps, due: Due, now: Date): Promise<'delta'> {
  const epoch = (due.delta?.epoch ?? now.getTime()) + 1;
  const delta: DeltaClaim = { epoch, messageDueAt: now.toISOString() };
  await patchDue(deps, due, [
    { op: 'set', path: '/nextSyncAt', value: nextSyncAt(deps, now) },
    { op: 'set', path: '/delta', value: delta },
  ]);
  await sendMessage(deps, { kind: 'delta', tenantId: due.tenantId, epoch, dueAt: delta.messageDueAt });
  return 'delta';
}

/** The queued run is written with the claim, then its message sent; a crash in between leaves an overdue run. */
async function claimRun(deps: Deps, due: Due, passes: PassName[], now: Date): Promise<'run' | undefined> {
  if (due.cloudId === undefined) return undefined;
  const run = newRun({ tenantId: due.tenantId, cloudId: due.cloudId, mode: 'full', trigger: 'schedule', passes }, now);
  const claimed: OperationInput = {
    operationType: 'Patch',
    id: CONNECTION_ID,
    ifMatch: due._etag,
    resourceBody: {
      operations: [
        { op: 'set', path: '/nextSyncAt', value: nextSyncAt(deps, now) },
        { op: 'set', path: '/activeRunId', value: run.runId },
      ],
    },
  };
  const create: OperationInput = { operationType: 'Create', resourceBody: run as unknown as JSONObject };
  await runBatch(deps.control, due.tenantId, [claimed, create]);
  await sendRunMessage(deps, run);
  return 'run';
}

/** A delta whose message may still be in a long queue must not be sent twice. */
function isPending(delta: DeltaClaim | undefined, overdueSince: Date): boolean {
  return delta !== undefined && Date.parse(delta.messageDueAt) >= overdueSince.getTime();
}

async function patchDue(deps: Deps, due: Due, operations: PatchOperation[]): Promise<void> {
  await deps.control.item(CONNECTION_ID, due.tenantId).patch(operations, ifMatch(due._etag));
}

async function tidyDue(deps: Deps): Promise<number> {
  const tenantIds = await findConnectionsToTidy(deps, deps.now());
  await inParallel(tenantIds, MAX_IN_FLIGHT, (tenantId) => sendMessage(deps, { kind: 'tidy-connection', tenantId }));
  return tenantIds.length;
}
