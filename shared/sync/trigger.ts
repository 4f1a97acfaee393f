import type { JSONObject, OperationInput } from '@azure/cosmos';
import { CONNECTION_ID, type Connection, readConnection } from '../connection/record.ts';
import { notUsable } from '../connection/tokens.ts';
import { retryOnConflict } from '../connection/update.ts';
import type { Deps } from '../platform/deps.ts';
import { readItem, runBatch, type Stored } from '../platform/items.ts';
import { nextSyncAt } from './end-run.ts';
import { ALL_PASSES, newRun, sendRunMessage } from './new-run.ts';
import { readLedger } from './quota.ts';
import { hourOf, withinTenantShare } from './quota-policy.ts';
import { reviveRun } from './revive.ts';
import { isEnded, type Run, type RunMode, runItemId } from './run.ts';

export interface Triggered {
  readonly runId: string;
  readonly mode: RunMode;
  /** When the full sync follows, because the tenant has spent its share of this hour's points. */
  readonly fullAt?: string;
}

/**
 * "Trigger sync": a full run with all passes, at once.
 * - A full run under way is answered with that run, revived when it made no checkpoint for a minute.
 * - A scheduled delta under way becomes the full run, under its own id.
 * - Without points left to this tenant in this hour: a delta now, the passes when the next hour begins.
 *
 * @throws {ProblemError} 409 `not_connected` or `reconnect_required`
 */
export async function triggerSync(deps: Deps, tenantId: string): Promise<Triggered> {
  return retryOnConflict(async () => {
    const stored = await readConnection(deps, tenantId);
    const connection = stored?.item;
    if (!stored || connection?.status !== 'connected' || !connection.site) throw notUsable(connection?.status);
    const active = await readActive(deps, connection);
    if (active?.item.mode === 'full') return joinRun(deps, active);
    // A site that was never read to the end has nothing that a delta could go on from.
    const fullAt = connection.watermark === undefined ? undefined : await shareSpentUntil(deps, tenantId);
    if (active) return fullAt ? answer(active.item, fullAt) : promote(deps, active);
    return startRun(deps, stored, connection.site.cloudId, fullAt);
  });
}

async function readActive(deps: Deps, { tenantId, activeRunId }: Connection): Promise<Stored<Run> | undefined> {
  const stored = activeRunId ? await readItem<Run>(deps.control, tenantId, runItemId(activeRunId)) : undefined;
  return stored && !isEnded(stored.item.state) ? stored : undefined;
}

/** A person who asks again while nothing moves is right more often than the clock: the chain may have died. */
async function joinRun(deps: Deps, { item: run }: Stored<Run>): Promise<Triggered> {
  const now = deps.now().getTime();
  const silentMs = now - Date.parse(run.checkpointAt ?? run.createdAt);
  const waits = run.state === 'waiting' && run.resumeAt !== undefined && Date.parse(run.resumeAt) > now;
  if (!waits && silentMs >= deps.settings.REVIVE_MANUAL_SECONDS * 1000) {
    await reviveRun(deps, run.tenantId, run.runId, run.epoch);
  }
  return answer(run);
}

/** The delta's worker loses the run at its next checkpoint; what it has written stays and costs no second write. */
async function promote(deps: Deps, { item, etag }: Stored<Run>): Promise<Triggered> {
  const { leaseUntil: _lease, resumeAt: _resume, probe: _probe, ...rest } = item;
  const run: Run = {
    ...rest,
    mode: 'full',
    trigger: 'manual',
    passes: ALL_PASSES,
    state: 'queued',
    epoch: item.epoch + 1,
    messageDueAt: deps.now().toISOString(),
    step: 'probe',
    cursor: null,
  };
  await runBatch(deps.control, run.tenantId, [
    { operationType: 'Replace', id: run.id, ifMatch: etag, resourceBody: run as unknown as JSONObject },
  ]);
  await sendRunMessage(deps, run);
  return answer(run);
}

async function startRun(
  deps: Deps,
  { item: connection, etag }: Stored<Connection>,
  cloudId: string,
  fullAt: string | undefined,
): Promise<Triggered> {
  const { tenantId } = connection;
  const now = deps.now();
  const base = newRun({ tenantId, cloudId, mode: fullAt ? 'delta' : 'full', trigger: 'manual' }, now);
  const run: Run = fullAt ? { ...base, step: 'changes' } : base;
  const passes = Object.fromEntries(ALL_PASSES.map((name) => [name, { ...connection.passes[name], dueAt: fullAt }]));
  const claim: OperationInput = {
    operationType: 'Patch',
    id: CONNECTION_ID,
    ifMatch: etag,
    resourceBody: {
      operations: [
        { op: 'set', path: '/activeRunId', value: run.runId },
        { op: 'set', path: '/nextSyncAt', value: nextSyncAt(deps, now) },
        ...(connection.delta ? [{ op: 'remove' as const, path: '/delta' }] : []),
        ...(fullAt ? [{ op: 'set' as const, path: '/passes', value: passes }] : []),
      ],
    },
  };
  await runBatch(deps.control, tenantId, [
    claim,
    { operationType: 'Create', resourceBody: run as unknown as JSONObject },
  ]);
  await sendRunMessage(deps, run);
  return answer(run, fullAt);
}

/** When the tenant may go on with its passes; `undefined` while it has a share of this hour left. */
async function shareSpentUntil(deps: Deps, tenantId: string): Promise<string | undefined> {
  const now = deps.now();
  const hour = hourOf(now);
  const ledger = await readLedger(deps, tenantId, hour);
  if (withinTenantShare(ledger, tenantId, now)) return undefined;
  return new Date(Date.parse(hour) + 3_600_000).toISOString();
}

function answer({ runId, mode }: Run, fullAt?: string): Triggered {
  return { runId, mode, ...(fullAt ? { fullAt } : {}) };
}
