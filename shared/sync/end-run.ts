import type { OperationInput, PatchOperation } from '@azure/cosmos';
import { newEvent, storeEvent } from '../connection/events.ts';
import { CONNECTION_ID, type Connection, type Pass, type PassName, readConnection } from '../connection/record.ts';
import { countAttachments } from '../index/attachments.ts';
import { countPages, earliestMissingSince } from '../index/heads.ts';
import { readSpaces } from '../index/spaces.ts';
import type { Deps } from '../platform/deps.ts';
import { BatchError, hasStatus, runBatch, type Stored } from '../platform/items.ts';
import { RunTakenOver } from './checkpoint.ts';
import { RUN_TTL_SECONDS, type Run, type RunState } from './run.ts';
import { sendMessage } from './send-message.ts';
import { readStretch, shortestIntervalMs } from './stretch.ts';

type EndDeps = Pick<Deps, 'control' | 'pages' | 'queues' | 'settings' | 'now' | 'log'>;

/** How long a failed pass waits before it is tried again. */
const RETRY_PASS_MS = 3_600_000;

/** The run has done its work: it and what it learnt are written in one batch. */
export async function finishRun(deps: EndDeps, stored: Stored<Run>): Promise<void> {
  const run = stored.item;
  const now = deps.now();
  const connection = (await readConnection(deps, run.tenantId))?.item;
  const totals = connection && run.mode === 'full' ? await countTotals(deps, run) : undefined;
  const passes = connection && run.mode === 'full' ? await passesAfter(deps, connection, run, now) : undefined;
  const isIdsPass = run.mode === 'delta' || (run.passes.includes('ids') && !run.failedPasses.includes('ids'));
  const watermark = run.probe?.versionCreatedAt ?? run.startedAt;
  await end(
    deps,
    stored,
    'succeeded',
    {},
    connection,
    [
      { op: 'set', path: '/lastCheckedAt', value: now.toISOString() },
      { op: 'set', path: '/lastSyncedAt', value: now.toISOString() },
      ...(isIdsPass && watermark ? [set('/watermark', watermark)] : []),
      ...(isIdsPass && run.probe ? [set('/probe', run.probe)] : []),
      ...(totals ? [set('/totals', totals)] : []),
      ...(connection?.syncFailingSince ? [{ op: 'remove' as const, path: '/syncFailingSince' }] : []),
      ...(passes ? [set('/passes', passes)] : []),
      // Pages that a delta brought make search count more of them: that is no hint.
      ...(run.mode === 'delta' && run.created > 0 && connection?.hints?.pageCount !== undefined
        ? [{ op: 'incr' as const, path: '/hints/pageCount', value: run.created }]
        : []),
    ],
    passes,
  );
  deps.log.info('run_succeeded', { ...summary(run) });
}

/** The run cannot go on. The dashboard hears of it once, until a run succeeds again. */
export async function failRun(deps: EndDeps, stored: Stored<Run>, error: NonNullable<Run['error']>): Promise<void> {
  const run = stored.item;
  const now = deps.now();
  const connection = (await readConnection(deps, run.tenantId))?.item;
  const isFirst = connection !== undefined && connection.syncFailingSince === undefined;
  const event = newEvent('confluence.sync_failed', { runId: run.runId, code: error.code, detail: error.detail }, now);
  await end(deps, stored, 'failed', { error }, connection, [
    ...(connection ? [set('/passes', postponed(connection, run, now))] : []),
    ...(isFirst ? [set('/syncFailingSince', now.toISOString()), ...storeEvent(event)] : []),
  ]);
  deps.log.error('run_failed', { ...summary(run), code: error.code, detail: error.detail });
  if (isFirst) await sendMessage(deps, { kind: 'tidy-connection', tenantId: run.tenantId });
}

/** The connection has moved on: disconnected, another site, or waiting for its customer. */
export async function cancelRun(deps: EndDeps, stored: Stored<Run>): Promise<void> {
  const connection = (await readConnection(deps, stored.item.tenantId))?.item;
  await end(deps, stored, 'canceled', {}, connection, []);
  deps.log.info('run_canceled', summary(stored.item));
}

/**
 * Writes the end of a run and, while the run is still the connection's, what follows for the connection. When the
 * connection has gone on to another run only the run's end is written.
 */
async function end(
  deps: EndDeps,
  { item, etag }: Stored<Run>,
  state: RunState,
  changes: Partial<Run>,
  connection: Connection | undefined,
  patch: PatchOperation[],
  passes: Connection['passes'] = {},
): Promise<void> {
  const now = deps.now();
  // The timer looks at the tenant no later than its earliest pass is due.
  const [nextLook] = [nextSyncAt(deps, now), ...Object.values(passes).map(({ dueAt }) => dueAt)].sort();
  const { leaseUntil: _lease, resumeAt: _resume, ...rest } = item;
  const ended: Run = { ...rest, ...changes, state, endedAt: now.toISOString(), ttl: RUN_TTL_SECONDS };
  const writeRun: OperationInput = {
    operationType: 'Replace',
    id: item.id,
    ifMatch: etag,
    resourceBody: ended as never,
  };
  const isCurrent = connection?.activeRunId === item.runId;
  const follow: OperationInput = {
    operationType: 'Patch',
    id: CONNECTION_ID,
    resourceBody: {
      condition: `FROM c WHERE c.activeRunId = "${item.runId}"`,
      operations: [{ op: 'remove', path: '/activeRunId' }, set('/nextSyncAt', nextLook), ...patch],
    },
  };
  try {
    await runBatch(deps.control, item.tenantId, isCurrent ? [writeRun, follow] : [writeRun]);
  } catch (error) {
    if (!hasStatus(error, 404, 412)) throw error;
    const onlyConnectionMoved = error instanceof BatchError && error.index === 1;
    if (!onlyConnectionMoved) throw new RunTakenOver(item.runId);
    await runBatch(deps.control, item.tenantId, [writeRun]);
  }
}

/** Due times after a full run: what it did is due an interval later, what failed is tried again soon. */
async function passesAfter(deps: EndDeps, connection: Connection, run: Run, now: Date): Promise<Connection['passes']> {
  const passes = { ...connection.passes };
  for (const name of run.passes) passes[name] = { dueAt: now.toISOString(), ...passes[name], ...costOf(run, name) };
  const stretch = await readStretch(deps, run.tenantId, passes);
  for (const name of run.passes) {
    const requested = requestedDuring(connection.passes[name], run, now);
    const regular = new Date(now.getTime() + shortestIntervalMs(deps.settings, name) * stretch).toISOString();
    passes[name] = run.failedPasses.includes(name)
      ? { ...passes[name], dueAt: new Date(now.getTime() + RETRY_PASS_MS).toISOString() }
      : { ...passes[name], dueAt: requested ?? regular, lastSucceededAt: now.toISOString() };
  }
  // Pages that came back or moved here bring attachments that are no newer than those seen before.
  if (run.created > 0 && !run.passes.includes('attachments')) {
    passes.attachments = { ...passes.attachments, dueAt: now.toISOString() };
  }
  const settleAt = await settlesAt(deps, run);
  if (passes.ids && settleAt !== undefined && settleAt < passes.ids.dueAt)
    passes.ids = { ...passes.ids, dueAt: settleAt };
  return passes;
}

function costOf({ passPoints }: Run, name: PassName): Pick<Pass, 'costPoints'> {
  const costPoints = passPoints[name];
  return costPoints === undefined ? {} : { costPoints };
}

/**
 * A doubt is settled by the first run after the grace, not by the next regular pass. A doubt that this run was late
 * enough to settle, and did not (its space could not be read), waits for the regular one.
 */
async function settlesAt(deps: EndDeps, { tenantId, cloudId, createdAt }: Run): Promise<string | undefined> {
  const graceMs = deps.settings.MISSING_GRACE_MINUTES * 60_000;
  const after = new Date(Date.parse(createdAt) - graceMs).toISOString();
  const doubted = await earliestMissingSince(deps, tenantId, cloudId, after);
  return doubted && new Date(Date.parse(doubted) + graceMs + 1000).toISOString();
}

/** Somebody asked for the pass while the run was under way, for example by excluding a space: that request stands. */
function requestedDuring(pass: Pass | undefined, run: Run, now: Date): string | undefined {
  if (!pass || pass.dueAt <= run.createdAt || pass.dueAt > now.toISOString()) return undefined;
  return pass.dueAt;
}

function postponed(connection: Connection, run: Run, now: Date): Connection['passes'] {
  const dueAt = new Date(now.getTime() + RETRY_PASS_MS).toISOString();
  const postpone = (name: PassName) => [name, { ...connection.passes[name], dueAt }] as const;
  return { ...connection.passes, ...Object.fromEntries(run.passes.map(postpone)) };
}

export function nextSyncAt({ settings }: Pick<Deps, 'settings'>, now: Date): string {
  return new Date(now.getTime() + settings.SYNC_INTERVAL_MINUTES * 60_000).toISOString();
}

async function countTotals(deps: EndDeps, { tenantId, cloudId }: Run): Promise<NonNullable<Connection['totals']>> {
  const [spaces, pages, attachments] = await Promise.all([
    readSpaces(deps, tenantId, cloudId),
    countPages(deps, tenantId, cloudId),
    countAttachments(deps, tenantId, cloudId),
  ]);
  return { spaces: spaces.filter(({ missingSince }) => missingSince === undefined).length, pages, attachments };
}

function set(path: string, value: unknown): PatchOperation {
  return { op: 'set', path, value };
}

function summary({ tenantId, runId, mode, trigger, counters }: Run) {
  return { tenantId, runId, mode, trigger, ...counters };
}
