import type { JSONObject, OperationInput, PatchOperation } from '@azure/cosmos';
import { AtlassianError } from '../atlassian/errors.ts';
import type { Gateway, Usage } from '../atlassian/gateway.ts';
import { getListPage } from '../atlassian/list.ts';
import { attachmentSchema } from '../atlassian/schemas.ts';
import { confirmReconnect } from '../connection/confirm.ts';
import { connectionGateway } from '../connection/gateway.ts';
import {
  CONNECTION_ID,
  type Connection,
  type Pass,
  type PassName,
  type Probe,
  readConnection,
} from '../connection/record.ts';
import { patchConnection } from '../connection/update.ts';
import type { Deps } from '../platform/deps.ts';
import { hasStatus, runBatch } from '../platform/items.ts';
import { nextSyncAt } from './end-run.ts';
import { backoffMs } from './failure.ts';
import type { Message } from './message.ts';
import { newRun } from './new-run.ts';
import { askPoints, budgetOf, parkBudget, recordUsage } from './quota.ts';
import type { Run } from './run.ts';
import { OVERLAP_MS } from './steps/changes.ts';
import { isSameProbe, newestPage, pageCount } from './steps/probe.ts';
import { readStretch, shortestIntervalMs } from './stretch.ts';
import { workOnRun } from './worker.ts';

/** Probe and both hints. */
const MAX_POINTS = 6;

/**
 * Looks whether a site changed, for 2 points. Nothing new: the connection is told when it was looked at, and no run is
 * written. Otherwise a delta run is written and worked on at once.
 */
export async function workOnDelta(deps: Deps, message: Extract<Message, { kind: 'delta' }>): Promise<void> {
  const { tenantId, epoch } = message;
  const stored = await readConnection(deps, tenantId);
  if (!stored) return;
  const connection = stored.item;
  if (connection.status !== 'connected' || connection.delta?.epoch !== epoch || connection.activeRunId) {
    deps.log.info('stale_message_dropped', { tenantId, epoch, deltaEpoch: connection.delta?.epoch });
    return;
  }
  const permit = await askPoints(deps, tenantId, 'delta', MAX_POINTS);
  if (!permit.granted) return postpone(deps, tenantId, epoch, permit.resumeAt);

  const spent = { points: 0 };
  const gateway = connectionGateway(deps, stored, { onUsage: (usage) => note(spent, usage) });
  try {
    const probe = await newestPage(gateway);
    const hints = await takeHints(deps, connection, gateway);
    await recordUsage(deps, tenantId, 'delta', spent);
    if (isIdle(deps, connection, probe)) await noteIdle(deps, tenantId, epoch, hints);
    else await startDelta(deps, connection, probe, hints);
  } catch (error) {
    if (spent.points > 0) await recordUsage(deps, tenantId, 'delta', spent);
    await onFailure(deps, connection, error);
  }
}

/** The newest page is the one seen last time, and old enough that no neighbour of it can have been missed. */
function isIdle(deps: Deps, { probe: before, watermark }: Connection, probe: Probe | undefined): boolean {
  if (!watermark) return false;
  return isSameProbe(probe, before) && deps.now().getTime() - Date.parse(watermark) >= OVERLAP_MS;
}

type Hints = NonNullable<Connection['hints']>;

/** What two cheap looks said, compared with the same looks an hour ago. A hint never writes pages: it makes a pass due. */
interface TakenHints {
  readonly hints: Hints;
  readonly attachmentsChanged: boolean;
  readonly pageCountChanged: boolean;
}

/**
 * Once an hour: the newest attachment and the number of pages. Each is compared with its own last value, never with
 * the index, which leaves out personal spaces and blog posts; the first look only records.
 */
async function takeHints(deps: Deps, connection: Connection, gateway: Gateway): Promise<TakenHints | undefined> {
  const before = connection.hints;
  const sinceMs = before ? deps.now().getTime() - Date.parse(before.lookedAt) : Number.POSITIVE_INFINITY;
  const intervalMs = deps.settings.HINT_INTERVAL_MINUTES * 60_000;
  if (sinceMs < intervalMs) return undefined;
  // Where points are so short that passes wait for days, a hint an hour would take them from the deltas.
  if (before && sinceMs < intervalMs * (await readStretch(deps, connection.tenantId, connection.passes)))
    return undefined;
  try {
    const newestAttachment = await attachmentMark(gateway);
    const count = await pageCount(gateway);
    const hints: Hints = {
      lookedAt: deps.now().toISOString(),
      ...(newestAttachment === undefined ? {} : { newestAttachment }),
      ...(count === undefined ? {} : { pageCount: count }),
    };
    return {
      hints,
      attachmentsChanged: before !== undefined && before.newestAttachment !== newestAttachment,
      pageCountChanged: before?.pageCount !== undefined && count !== undefined && before.pageCount !== count,
    };
  } catch (error) {
    // A hint that cannot be had costs nothing but time; the regular passes come anyway.
    if (error instanceof AtlassianError && !['throttled', 'token_rejected', 'access_lost'].includes(error.kind)) {
      return undefined;
    }
    throw error;
  }
}

async function attachmentMark(gateway: Gateway): Promise<string | undefined> {
  const { items } = await getListPage(
    gateway,
    '/wiki/api/v2/attachments',
    { status: 'current', sort: '-modified-date', limit: 1 },
    attachmentSchema,
  );
  const [newest] = items;
  return newest && `${newest.id}@${newest.version?.createdAt ?? newest.createdAt ?? ''}`;
}

async function noteIdle(deps: Deps, tenantId: string, epoch: number, hints: TakenHints | undefined): Promise<void> {
  const now = deps.now().toISOString();
  await patchConnection(deps, tenantId, (connection) =>
    connection.delta?.epoch === epoch
      ? [
          { op: 'set', path: '/lastCheckedAt', value: now },
          { op: 'remove', path: '/delta' },
          ...hintOperations(deps, connection, hints),
        ]
      : undefined,
  );
  deps.log.info('delta_idle', { tenantId });
}

/** Writes the run in the same batch that ends the claim, then works on it in this very invocation. */
async function startDelta(
  deps: Deps,
  connection: Connection,
  probe: Probe | undefined,
  hints: TakenHints | undefined,
): Promise<void> {
  const { tenantId, site, delta } = connection;
  if (!site || !delta) return;
  const now = deps.now();
  const run: Run = {
    ...newRun({ tenantId, cloudId: site.cloudId, mode: 'delta', trigger: 'schedule' }, now),
    step: 'changes',
    ...(probe ? { probe } : {}),
  };
  const claim: OperationInput = {
    operationType: 'Patch',
    id: CONNECTION_ID,
    resourceBody: {
      condition: `FROM c WHERE c.delta.epoch = ${delta.epoch} AND NOT IS_DEFINED(c.activeRunId) AND c.status = "connected"`,
      operations: [
        { op: 'set', path: '/activeRunId', value: run.runId },
        { op: 'remove', path: '/delta' },
        ...hintOperations(deps, connection, hints),
      ],
    },
  };
  try {
    await runBatch(deps.control, tenantId, [
      { operationType: 'Create', resourceBody: run as unknown as JSONObject },
      claim,
    ]);
  } catch (error) {
    if (!hasStatus(error, 404, 412)) throw error;
    return; // somebody started another run, or the connection changed
  }
  await workOnRun(deps, { kind: 'run', tenantId, runId: run.runId, epoch: run.epoch });
}

function hintOperations(deps: Deps, { passes }: Connection, taken: TakenHints | undefined): PatchOperation[] {
  if (!taken) return [];
  const due = (name: 'ids' | 'attachments'): PatchOperation => ({
    op: 'set',
    path: `/passes/${name}`,
    value: { ...passes[name], dueAt: broughtForward(deps, name, passes[name]) },
  });
  return [
    { op: 'set' as const, path: '/hints', value: taken.hints },
    ...(taken.attachmentsChanged ? [due('attachments')] : []),
    ...(taken.pageCountChanged ? [due('ids')] : []),
  ];
}

/** By one shortest interval, which is now unless points are so short that intervals are stretched. */
function broughtForward(deps: Deps, name: PassName, pass: Pass | undefined): string {
  const earliest = Date.parse(pass?.dueAt ?? '') - shortestIntervalMs(deps.settings, name);
  return new Date(Math.max(earliest || 0, deps.now().getTime())).toISOString();
}

async function onFailure(deps: Deps, connection: Connection, error: unknown): Promise<void> {
  const { tenantId, delta } = connection;
  deps.log.warn('delta_failed', { tenantId, error });
  if (await confirmReconnect(deps, tenantId, error)) return;
  const now = deps.now();
  if (error instanceof AtlassianError && error.throttle) {
    const until = error.throttle.resumeAt ?? new Date(now.getTime() + backoffMs(2, deps.settings));
    const resumeAt = error.throttle.quota ? await parkBudget(deps, tenantId, until) : until;
    return postpone(deps, tenantId, delta?.epoch ?? 0, resumeAt);
  }
  return postpone(deps, tenantId, delta?.epoch ?? 0, new Date(now.getTime() + 60_000));
}

/** The claim ends, and the timer claims again when the time has come: at the latest when the next delta is due anyway. */
async function postpone(deps: Deps, tenantId: string, epoch: number, resumeAt: Date): Promise<void> {
  const regular = nextSyncAt(deps, deps.now());
  const dueAt = resumeAt.toISOString() < regular ? resumeAt.toISOString() : regular;
  await patchConnection(deps, tenantId, (connection) =>
    connection.delta?.epoch === epoch
      ? [
          { op: 'remove', path: '/delta' },
          { op: 'set', path: '/nextSyncAt', value: dueAt },
        ]
      : undefined,
  );
}

function note(spent: { points: number; remaining?: number; limit?: number }, { points, answer }: Usage): void {
  Object.assign(spent, { points: spent.points + points }, budgetOf(answer));
}
