import type { Site } from '../atlassian/resources.ts';
import { newEvent } from './events.ts';
import type { Connection, ConnectionStatus, Grant, ReconnectReason, SecretToErase } from './record.ts';
import { missingScopes } from './scopes.ts';
import type { Context, Outcome, Trigger } from './state-machine.ts';

/*
 * What the transitions of `state-machine.ts` do. Each takes a connection and gives the one that follows; none reads or
 * writes anything. `undefined` means that nothing changes.
 */

export function unreachable(connection: Connection, trigger: Trigger): never {
  throw new Error(`${trigger.kind} cannot happen while ${connection.status}`);
}

export function nothing(): undefined {
  return undefined;
}

export function connect(
  connection: Connection,
  { grant, site, sites }: { grant: Grant; site: Site; sites: readonly Site[] },
  context: Context,
): Outcome {
  // A waiting consent that lacks the site has been answered by this one, which has it.
  const settled = dropPending(connection)?.connection ?? connection;
  return onSite({ ...replaceGrant(settled, grant, context.now), sites }, connection, site, context);
}

export function switchSite(connection: Connection, { site }: { site: Site }, context: Context): Outcome | undefined {
  if (connection.status === 'connected' && connection.site?.cloudId === site.cloudId) return undefined;
  return onSite(connection, connection, site, context);
}

/** A grant whose site is gone or closed to this account may still reach another site; a dead grant reaches none. */
export function switchFromUnusableSite(
  connection: Connection,
  trigger: { site: Site },
  context: Context,
): Outcome | undefined {
  const grantIsAlive = connection.reason === 'site_gone' || connection.reason === 'access_lost';
  if (!grantIsAlive || connection.site?.cloudId === trigger.site.cloudId) return undefined;
  return switchSite(connection, trigger, context);
}

export function adoptPending(connection: Connection, { site }: { site: Site }, context: Context): Outcome | undefined {
  const { pending } = connection;
  if (!pending) return undefined;
  const { pending: _, ...rest } = connection;
  return onSite({ ...replaceGrant(rest, pending.grant, context.now), sites: pending.sites }, connection, site, context);
}

export function askForSite(
  connection: Connection,
  { grant, sites }: { grant: Grant; sites: readonly Site[] },
  { now }: Context,
): Outcome {
  const next = { ...replaceGrant(connection, grant, now), sites };
  return { connection: withStatus(next, 'choosing_site', now), run: 'keep' };
}

export function waitForChoice(
  connection: Connection,
  { grant, sites }: { grant: Grant; sites: readonly Site[] },
  { settings, now }: Context,
): Outcome {
  const expiresAt = new Date(now.getTime() + settings.PENDING_SITE_SECONDS * 1000).toISOString();
  const secretsToErase = withSecrets(
    connection,
    connection.pending ? [{ name: connection.pending.grant.secretName }] : [],
  );
  return { connection: { ...connection, secretsToErase, pending: { grant, sites, expiresAt } }, run: 'keep' };
}

export function dropPending(connection: Connection): Outcome | undefined {
  const { pending, ...rest } = connection;
  if (!pending) return undefined;
  return {
    connection: { ...rest, secretsToErase: withSecrets(connection, [{ name: pending.grant.secretName }]) },
    run: 'keep',
  };
}

export function requireReconnect(
  connection: Connection,
  { reason }: { reason: ReconnectReason },
  { now }: Context,
): Outcome | undefined {
  if (connection.status === 'reconnect_required' && connection.reason === reason) return undefined;
  const { nextSyncAt: _, ...rest } = reason === 'revoked' ? withoutRefresh(connection) : connection;
  const next = { ...withStatus(rest, 'reconnect_required', now, true), reason };
  return {
    connection: withEvent(next, 'confluence.reconnect_required', { reason, site: next.site }, now),
    run: 'cancel',
  };
}

export function disconnect(connection: Connection, { eraseIndex }: { eraseIndex: boolean }, { now }: Context): Outcome {
  const { grant: _, pending, refreshLease: __, refreshFailures: ___, nextSyncAt: ____, ...rest } = connection;
  const secretsToErase = withSecrets(connection, [
    ...grantSecrets(connection, now),
    ...(pending ? [{ name: pending.grant.secretName }] : []),
  ]);
  const next: Connection = {
    ...withStatus(rest, 'disconnected', now),
    sites: [],
    secretsToErase,
    // A site that was never synced since an earlier disconnect keeps that disconnect's time.
    disconnectedAt: connection.disconnectedAt ?? now.toISOString(),
  };
  const told = withEvent(next, 'confluence.disconnected', { site: connection.site }, now);
  return { connection: eraseIndex ? withoutIndex(told) : told, run: 'cancel' };
}

export function eraseIndexIfAsked(
  connection: Connection,
  { eraseIndex: asked }: { eraseIndex: boolean },
): Outcome | undefined {
  return asked ? eraseIndex(connection) : undefined;
}

export function eraseIndex(connection: Connection): Outcome | undefined {
  return connection.site ? { connection: withoutIndex(connection), run: 'keep' } : undefined;
}

/** The connection on this site. On the same site the index and what is known about it stay; a new site begins anew. */
function onSite(next: Connection, former: Connection, site: Site, context: Context): Outcome {
  const { settings, now } = context;
  const grant = next.grant;
  if (!grant) throw new Error('a connection without a grant has no site to choose');
  const isNew = former.site?.cloudId !== site.cloudId;
  const { disconnectedAt: _, syncFailingSince: __, ...base } = isNew ? withoutIndex(next) : next;
  const onIt: Connection = {
    ...base,
    site,
    indexesToErase: (base.indexesToErase ?? []).filter((cloudId) => cloudId !== site.cloudId),
  };
  if (missingScopes(grant.scopes, settings.ATLASSIAN_SCOPES).length > 0) {
    return requireScopes(onIt, former, isNew, now);
  }
  const nextSyncAt = new Date(now.getTime() + settings.SYNC_INTERVAL_MINUTES * 60_000).toISOString();
  const connected = { ...withStatus(onIt, 'connected', now, isNew), nextSyncAt };
  const isNews = isNew || former.status !== 'connected';
  return {
    connection: isNews ? withEvent(connected, 'confluence.connected', { site }, now) : connected,
    run: 'start',
  };
}

/** A grant that cannot be enough is not tried: the person hears at once which scopes are missing. */
function requireScopes(next: Connection, former: Connection, isNew: boolean, now: Date): Outcome {
  const reason = 'scopes_missing';
  const { nextSyncAt: _, ...rest } = next;
  const isNews = isNew || former.reason !== reason;
  const connection = { ...withStatus(rest, 'reconnect_required', now, isNews), reason } as const;
  return {
    connection: isNews
      ? withEvent(connection, 'confluence.reconnect_required', { reason, site: connection.site }, now)
      : connection,
    run: 'cancel',
  };
}

function withStatus(connection: Connection, status: ConnectionStatus, now: Date, restart = false): Connection {
  const { reason: _, ...rest } = connection;
  const same = connection.status === status && !restart;
  return { ...rest, status, statusSince: same ? connection.statusSince : now.toISOString() };
}

function withEvent(
  connection: Connection,
  type: Connection['pendingEvents'][number]['type'],
  data: Record<string, unknown>,
  now: Date,
): Connection {
  return { ...connection, pendingEvents: [...connection.pendingEvents, newEvent(type, data, now)] };
}

/** Another grant in the place of the present one, whose secret and lease have lost their purpose. */
function replaceGrant(connection: Connection, grant: Grant, now: Date): Connection {
  const { refreshLease: _, refreshFailures: __, ...rest } = connection;
  return { ...rest, grant, secretsToErase: withSecrets(connection, grantSecrets(connection, now)) };
}

/** A grant that Atlassian does not know any more is not refreshed. A refresh of a live one may go on to its end. */
function withoutRefresh(connection: Connection): Connection {
  const { refreshLease, refreshFailures: _, ...rest } = connection;
  if (!refreshLease?.moveTo) return rest;
  return { ...rest, secretsToErase: withSecrets(connection, [{ name: refreshLease.moveTo }]) };
}

/** The secrets of the present grant. While a refresh is under way its process may still write them. */
function grantSecrets({ grant, refreshLease }: Connection, now: Date): SecretToErase[] {
  const watch = refreshLease ? { watchUntil: laterOf(refreshLease.until, now) } : {};
  return [
    ...(grant ? [{ name: grant.secretName, ...watch }] : []),
    ...(refreshLease?.moveTo ? [{ name: refreshLease.moveTo, ...watch }] : []),
  ];
}

/** A process that was stopped in mid-refresh may wake up late: a minute on top of the lease. */
function laterOf(leaseUntil: string, now: Date): string {
  return new Date(Math.max(Date.parse(leaseUntil), now.getTime()) + 60_000).toISOString();
}

function withSecrets(connection: Connection, more: readonly SecretToErase[]): readonly SecretToErase[] {
  return [...(connection.secretsToErase ?? []), ...more];
}

/** Hands the present site's index over for deletion and forgets everything that only made sense together with it. */
function withoutIndex(connection: Connection): Connection {
  const {
    site,
    disconnectedAt: _,
    watermark: _1,
    probe: _2,
    hints: _3,
    totals: _4,
    delta: _5,
    lastCheckedAt: _6,
    lastSyncedAt: _7,
    ...rest
  } = connection;
  const erase = site ? [site.cloudId] : [];
  return {
    ...rest,
    passes: {},
    excludedKeys: [],
    indexesToErase: [...new Set([...(connection.indexesToErase ?? []), ...erase])],
  };
}
