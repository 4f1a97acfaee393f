import type { Site } from '../atlassian/resources.ts';
import type { Deps } from '../platform/deps.ts';
import { readAccountName } from './account-name.ts';
import { retentionEndsAt } from './due.ts';
import type { Connection, ConnectionStatus, ReconnectReason } from './record.ts';
import { missingScopes } from './scopes.ts';

/** The connection as the dashboard sees it. */
export interface ConnectionView {
  readonly status: ConnectionStatus;
  /** Why the customer has to reconnect. */
  readonly reason?: ReconnectReason;
  readonly statusSince?: string;
  readonly site?: Site;
  /** The sites to pick from. */
  readonly sites?: readonly Site[];
  /** Who connected, and when this consent was given. The name is left out while it is not known. */
  readonly account?: { readonly accountId: string; readonly name?: string; readonly grantedAt: string };
  /** Scopes that this consent lacks; left out when none is missing or Atlassian did not say. */
  readonly missingScopes?: readonly string[];
  /** A newer consent that lacks the present site: it waits for a choice and is dropped at `expiresAt`. */
  readonly pending?: { readonly sites: readonly Site[]; readonly expiresAt: string };
  /** When the index of a disconnected tenant is deleted. */
  readonly indexKeptUntil?: string;
}

/** Puts a connection into the words of the API; a tenant that never had one is `disconnected`. */
export async function connectionView(
  deps: Pick<Deps, 'control' | 'settings' | 'now'>,
  connection: Connection | undefined,
): Promise<ConnectionView> {
  if (!connection) return { status: 'disconnected' };
  const { status, statusSince, reason, site, sites, pending } = connection;
  const indexKeptUntil = retentionEndsAt(connection, deps.settings);
  const hasSite = status === 'connected' || status === 'reconnect_required';
  return {
    status,
    ...(reason ? { reason } : {}),
    statusSince,
    ...(site && hasSite ? { site } : {}),
    ...(status === 'disconnected' ? {} : { sites }),
    ...(await grantView(deps, connection)),
    ...(pending ? { pending: { sites: pending.sites, expiresAt: pending.expiresAt } } : {}),
    ...(indexKeptUntil ? { indexKeptUntil } : {}),
  };
}

async function grantView(
  deps: Pick<Deps, 'control' | 'settings' | 'now'>,
  { tenantId, grant }: Connection,
): Promise<Pick<ConnectionView, 'account' | 'missingScopes'>> {
  if (!grant) return {};
  const { accountId, grantedAt, scopes } = grant;
  const name = await readAccountName(deps, tenantId, accountId);
  const missing = missingScopes(scopes, deps.settings.ATLASSIAN_SCOPES);
  return {
    account: { accountId, ...(name ? { name } : {}), grantedAt },
    ...(missing.length > 0 ? { missingScopes: missing } : {}),
  };
}
