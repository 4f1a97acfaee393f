import type { Deps } from '../platform/deps.ts';
import type { Connection } from './record.ts';

/**
 * Connections and unclaimed grants that somebody has to look after. One of the named queries that read across
 * tenants: it gives tenant ids and nothing else.
 */
export const TIDY_QUERY =
  'SELECT DISTINCT VALUE c.tenantId FROM c WHERE c.type IN ("connection", "grant") AND c.tidyAt <= @now';

/** Tenants for which `tidyConnection` has something to do; each gets a `tidy-connection` message from the timer. */
export async function findConnectionsToTidy(deps: Pick<Deps, 'control'>, now: Date): Promise<string[]> {
  const query = { query: TIDY_QUERY, parameters: [{ name: '@now', value: now.toISOString() }] };
  const { resources } = await deps.control.items.query<string>(query).fetchAll();
  return resources;
}

type Outstanding = Pick<
  Connection,
  | 'pendingEvents'
  | 'secretsToErase'
  | 'indexesToErase'
  | 'refreshLease'
  | 'pending'
  | 'disconnectedAt'
  | 'site'
  | 'status'
>;

/**
 * When a connection needs looking after next; `undefined` when nothing is outstanding. Every write that creates a need
 * stores this time with it, so that a crash right after the write is found by the timer.
 *
 * What the writer itself does right after the write (send, erase) gets a delay first, so that the timer does not do
 * it a second time.
 */
export function nextTidyAt(connection: Outstanding, settings: Deps['settings'], now: Date): string | undefined {
  const soon = new Date(now.getTime() + settings.TIDY_DELAY_SECONDS * 1000).toISOString();
  const times = [
    connection.pendingEvents.length > 0 ? soon : undefined,
    (connection.indexesToErase ?? []).length > 0 ? soon : undefined,
    ...(connection.secretsToErase ?? []).map(({ watchUntil }) => (watchUntil && watchUntil > soon ? watchUntil : soon)),
    connection.refreshLease?.until,
    connection.pending?.expiresAt,
    retentionEndsAt(connection, settings),
  ];
  return times.filter((time) => time !== undefined).sort()[0];
}

/** When the index of a disconnected tenant is to be deleted; `undefined` while there is no such index. */
export function retentionEndsAt(
  { status, site, disconnectedAt }: Pick<Connection, 'status' | 'site' | 'disconnectedAt'>,
  settings: Deps['settings'],
): string | undefined {
  if (status === 'connected' || status === 'reconnect_required') return undefined;
  if (!site || !disconnectedAt) return undefined;
  return new Date(Date.parse(disconnectedAt) + settings.INDEX_RETENTION_DAYS * 86_400_000).toISOString();
}
