import type { Deps } from '../platform/deps.ts';
import { hasStatus, ifMatch } from '../platform/items.ts';
import { fetchAll } from '../platform/query.ts';
import { sendMessage } from '../sync/send-message.ts';
import { nextTidyAt, retentionEndsAt } from './due.ts';
import { sendEvents } from './events.ts';
import { readConnection, type SecretToErase } from './record.ts';
import { getAccessToken } from './tokens.ts';
import { transition } from './transitions.ts';
import type { UnclaimedGrant } from './unclaimed-grant.ts';
import { patchConnection, setOrRemove } from './update.ts';
import { eraseSecret } from './vault.ts';

/**
 * Does whatever a tenant's connection has left to do: sends stored events, erases the tokens of a disconnected or
 * replaced grant, hands indexes over for deletion, drops what has lapsed, finishes a refresh whose process died. Safe
 * to call twice, at once and at any time; what fails stays stored and is tried again at `tidyAt`.
 */
export async function tidyConnection(deps: Deps, tenantId: string): Promise<void> {
  const failures: unknown[] = [];
  for (const task of [lapse, recoverRefresh, sendStoredEvents, eraseSecrets, handOverIndexes, purgeUnclaimedGrants]) {
    try {
      await task(deps, tenantId);
    } catch (error) {
      deps.log.warn('tidy_failed', { tenantId, task: task.name, error });
      failures.push(error);
    }
  }
  await scheduleNext(deps, tenantId);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} parts of tidying up failed`);
}

/** A choice of site that nobody made within a day, and an index that nobody came back for. */
async function lapse(deps: Deps, tenantId: string): Promise<void> {
  const isPast = (time: string | undefined) => time !== undefined && Date.parse(time) <= deps.now().getTime();
  await transition(deps, tenantId, ({ pending }) =>
    isPast(pending?.expiresAt) ? { trigger: { kind: 'drop-pending' } } : undefined,
  );
  await transition(deps, tenantId, (connection) =>
    isPast(retentionEndsAt(connection, deps.settings)) ? { trigger: { kind: 'erase-index' } } : undefined,
  );
}

/** An expired lease may mean a refresh token that was exchanged and not stored: minutes remain to exchange it again. */
async function recoverRefresh(deps: Deps, tenantId: string): Promise<void> {
  const connection = await readConnection(deps, tenantId);
  const { refreshLease, grant } = connection?.item ?? {};
  if (!grant || !refreshLease || Date.parse(refreshLease.until) > deps.now().getTime()) return;
  await getAccessToken(deps, tenantId, { evenUnusable: true });
}

async function sendStoredEvents(deps: Deps, tenantId: string): Promise<void> {
  const connection = (await readConnection(deps, tenantId))?.item;
  if (!connection || connection.pendingEvents.length === 0) return;
  await sendEvents(deps, connection);
  const sent = new Set(connection.pendingEvents.map(({ id }) => id));
  await patchConnection(deps, tenantId, ({ pendingEvents }) => [
    { op: 'set', path: '/pendingEvents', value: pendingEvents.filter(({ id }) => !sent.has(id)) },
  ]);
}

async function eraseSecrets(deps: Deps, tenantId: string): Promise<void> {
  const connection = (await readConnection(deps, tenantId))?.item;
  for (const { name } of connection?.secretsToErase ?? []) {
    await eraseSecret(deps, name);
    await patchConnection(deps, tenantId, ({ secretsToErase = [] }) => {
      const left = secretsToErase.filter((secret) => secret.name !== name || isWatched(secret, deps.now()));
      return left.length === secretsToErase.length ? undefined : [{ op: 'set', path: '/secretsToErase', value: left }];
    });
  }
}

function isWatched({ watchUntil }: SecretToErase, now: Date): boolean {
  return watchUntil !== undefined && Date.parse(watchUntil) > now.getTime();
}

/** The messages first, then the record: after a crash in between they are sent again and find nothing to delete. */
async function handOverIndexes(deps: Deps, tenantId: string): Promise<void> {
  const { indexesToErase = [] } = (await readConnection(deps, tenantId))?.item ?? {};
  if (indexesToErase.length === 0) return;
  for (const cloudId of indexesToErase) await sendMessage(deps, { kind: 'erase-index', tenantId, cloudId });
  await patchConnection(deps, tenantId, (connection) => [
    {
      op: 'set',
      path: '/indexesToErase',
      value: (connection.indexesToErase ?? []).filter((cloudId) => !indexesToErase.includes(cloudId)),
    },
  ]);
}

/** Grants that nobody claimed in time: marked first, so that nobody claims them while their secret is being erased. */
async function purgeUnclaimedGrants(deps: Deps, tenantId: string): Promise<void> {
  const lapsed = await fetchAll<UnclaimedGrant & { _etag: string }>(deps.control, tenantId, {
    select: '*',
    where: 'c.type = "grant" AND c.tidyAt <= @now',
    parameters: { now: deps.now().toISOString() },
  });
  for (const { id, secretName, _etag } of lapsed) {
    const item = deps.control.item(id, tenantId);
    try {
      await item.patch([{ op: 'set', path: '/lapsed', value: true }], ifMatch(_etag));
    } catch (error) {
      if (hasStatus(error, 404, 412)) continue; // claimed, or being erased by somebody else
      throw error;
    }
    await eraseSecret(deps, secretName);
    await item.delete().catch((error) => {
      if (!hasStatus(error, 404)) throw error;
    });
  }
}

async function scheduleNext(deps: Deps, tenantId: string): Promise<void> {
  await patchConnection(deps, tenantId, (connection) =>
    setOrRemove('/tidyAt', nextTidyAt(connection, deps.settings, deps.now()), connection.tidyAt),
  );
}
