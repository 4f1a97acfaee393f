import type { JSONObject, OperationInput } from '@azure/cosmos';
import type { Deps } from '../platform/deps.ts';
import { readItem, runBatch, type Stored } from '../platform/items.ts';
import { newRun, sendRunMessage } from '../sync/new-run.ts';
import { isEnded, type Run, runItemId } from '../sync/run.ts';
import { sendMessage } from '../sync/send-message.ts';
import { CONNECTION_ID, type Connection, newConnection, type ReconnectReason, readConnection } from './record.ts';
import { type Outcome, step, type Trigger } from './state-machine.ts';
import { retryOnConflict } from './update.ts';

type TransitionDeps = Pick<Deps, 'control' | 'queues' | 'settings' | 'now' | 'log'>;

/** What is to happen, decided on the connection as it stands; with further writes that belong into the same batch. */
export interface Decision {
  readonly trigger: Trigger;
  readonly operations?: readonly OperationInput[];
}

/**
 * Carries a transition out in one batch: the connection (only if nobody wrote it since it was read), the first run or the
 * end of the one that lost its purpose, and the caller's own writes. On a conflict everything is read and decided again.
 * Messages follow the write; when the process dies in between, the timer finds the run and `tidyAt`.
 *
 * @param decide sees the connection; `undefined` means that there is nothing to do. May throw to refuse.
 * @returns the connection as it stands afterwards, `undefined` when the tenant never had one
 */
export async function transition(
  deps: TransitionDeps,
  tenantId: string,
  decide: (connection: Connection) => Decision | undefined | Promise<Decision | undefined>,
): Promise<Connection | undefined> {
  return retryOnConflict(async () => {
    const now = deps.now();
    const stored = await readConnection(deps, tenantId);
    const current = stored?.item ?? newConnection(tenantId, now);
    const decision = await decide(current);
    const outcome = decision && step(current, decision.trigger, { settings: deps.settings, now });
    if (!outcome) return stored?.item;
    const { connection, run, operations } = await withRun(deps, current, outcome, now);
    await runBatch(deps.control, tenantId, [
      writeConnection(connection, stored),
      ...operations,
      ...(decision.operations ?? []),
    ]);
    deps.log.info('connection_changed', {
      tenantId,
      trigger: decision.trigger.kind,
      from: current.status,
      to: connection.status,
      reason: connection.reason,
    });
    await sendFollowUps(deps, connection, run);
    return connection;
  });
}

/**
 * Marks that only the customer can go on from here. Call it with a confirmed reason; `confirm.ts` holds the rules.
 *
 * @param options.secretName only if this grant is still the connection's: a late finding about a replaced one is void
 */
export function requireReconnect(
  deps: TransitionDeps,
  tenantId: string,
  reason: ReconnectReason,
  options: { secretName?: string } = {},
): Promise<Connection | undefined> {
  return transition(deps, tenantId, ({ grant }) =>
    options.secretName !== undefined && grant?.secretName !== options.secretName
      ? undefined
      : { trigger: { kind: 'require-reconnect', reason } },
  );
}

/** Asks a worker to finish what the last change left outstanding. Should that fail, the timer finds `tidyAt`. */
async function sendFollowUps(deps: TransitionDeps, connection: Connection, run: Run | undefined): Promise<void> {
  const { tenantId } = connection;
  const outstanding =
    connection.pendingEvents.length > 0 ||
    (connection.secretsToErase ?? []).length > 0 ||
    (connection.indexesToErase ?? []).length > 0;
  try {
    if (run) await sendRunMessage(deps, run);
    if (outstanding) await sendMessage(deps, { kind: 'tidy-connection', tenantId }, { interactive: true });
  } catch (error) {
    deps.log.warn('message_not_sent', { tenantId, error });
  }
}

function writeConnection(connection: Connection, stored: Stored<Connection> | undefined): OperationInput {
  const resourceBody = connection as unknown as JSONObject;
  return stored
    ? { operationType: 'Replace', id: CONNECTION_ID, resourceBody, ifMatch: stored.etag }
    : { operationType: 'Create', resourceBody };
}

interface WithRun {
  readonly connection: Connection;
  readonly run?: Run;
  readonly operations: readonly OperationInput[];
}

/** Adds the first run of a connection, and the end of the run that it replaces, to the batch. */
async function withRun(
  deps: TransitionDeps,
  before: Connection,
  { connection, run }: Outcome,
  now: Date,
): Promise<WithRun> {
  if (run === 'keep') return { connection, operations: [] };
  const active = await readActiveRun(deps, before);
  if (run === 'start' && active && goesOn(before, connection, active.item)) return { connection, operations: [] };
  const canceled = active ? [cancelRun(active, now)] : [];
  const { activeRunId: _, ...rest } = connection;
  if (run === 'cancel' || !connection.site) return { connection: rest, operations: canceled };
  const first = newRun(
    { tenantId: connection.tenantId, cloudId: connection.site.cloudId, mode: 'full', trigger: 'connect' },
    now,
  );
  return {
    connection: { ...rest, activeRunId: first.runId },
    run: first,
    operations: [...canceled, { operationType: 'Create', resourceBody: first as unknown as JSONObject }],
  };
}

/** A full run of a connection that never stopped working need not begin again because its grant was renewed. */
function goesOn(before: Connection, after: Connection, active: Run): boolean {
  return before.status === 'connected' && active.mode === 'full' && active.cloudId === after.site?.cloudId;
}

async function readActiveRun(
  deps: TransitionDeps,
  { tenantId, activeRunId }: Connection,
): Promise<Stored<Run> | undefined> {
  const stored = activeRunId ? await readItem<Run>(deps.control, tenantId, runItemId(activeRunId)) : undefined;
  return stored && !isEnded(stored.item.state) ? stored : undefined;
}

/** A run that checkpoints meanwhile makes the batch begin again: its end is never overwritten by a checkpoint. */
function cancelRun({ item, etag }: Stored<Run>, now: Date): OperationInput {
  const { leaseUntil: _, resumeAt: __, ...rest } = item;
  const canceled: Run = { ...rest, state: 'canceled', endedAt: now.toISOString() };
  return { operationType: 'Replace', id: item.id, ifMatch: etag, resourceBody: canceled as unknown as JSONObject };
}
