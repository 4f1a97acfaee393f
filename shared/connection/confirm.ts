import { AtlassianError } from '../atlassian/errors.ts';
import { createGateway } from '../atlassian/gateway.ts';
import { listSites } from '../atlassian/resources.ts';
import type { Deps } from '../platform/deps.ts';
import type { SecretText } from '../platform/secret-text.ts';
import { type Connection, type ReconnectReason, readConnection } from './record.ts';
import { missingScopes } from './scopes.ts';
import { getAccessToken } from './tokens.ts';
import { requireReconnect } from './transitions.ts';

/**
 * Finds out whether a failed call means that the customer has to reconnect, and marks it. One place holds the rules, for
 * the sync and for the tool:
 * - `scope_missing` → `scopes_missing`, only when the grant's own scope list lacks one that we need
 * - `access_lost` → the same call with a fresh token says so again
 * - `token_rejected` (already with a fresh token), `access_lost`, `forbidden` and `not_found` → `site_gone`, only when
 *   accessible-resources, asked with a fresh token, answers 200 without the site
 *
 * Anything else, and every doubt (an outage while asking), leaves the connection as it is. A 404 of a single page proves
 * nothing and must not be brought here; one of a listing may.
 *
 * @returns the reason when the connection now needs its customer, `undefined` when it goes on
 */
export async function confirmReconnect(
  deps: Deps,
  tenantId: string,
  error: unknown,
): Promise<ReconnectReason | undefined> {
  if (!(error instanceof AtlassianError)) return undefined;
  const connection = (await readConnection(deps, tenantId))?.item;
  if (connection?.status === 'reconnect_required') return connection.reason;
  if (connection?.status !== 'connected' || !connection.grant) return undefined;
  const reason = await findReason(deps, connection, error);
  if (!reason) return undefined;
  const { grant } = connection;
  const after = await requireReconnect(deps, tenantId, reason, { secretName: grant.secretName });
  return after?.status === 'reconnect_required' ? after.reason : undefined;
}

async function findReason(
  deps: Deps,
  connection: Connection,
  error: AtlassianError,
): Promise<ReconnectReason | undefined> {
  switch (error.kind) {
    case 'scope_missing': {
      const granted = connection.grant?.scopes ?? [];
      return missingScopes(granted, deps.settings.ATLASSIAN_SCOPES).length > 0 ? 'scopes_missing' : undefined;
    }
    case 'access_lost':
    case 'token_rejected':
    case 'forbidden':
    case 'not_found':
      return askAgain(deps, connection, error);
    default:
      return undefined;
  }
}

/** Asks Atlassian with a token that was made after the failure. Every failure to ask is a doubt, not a finding. */
async function askAgain(
  deps: Deps,
  connection: Connection,
  error: AtlassianError,
): Promise<ReconnectReason | undefined> {
  const { tenantId, site } = connection;
  if (!site) return undefined;
  try {
    const token = await freshToken(deps, tenantId);
    if (error.kind === 'access_lost' && (await isAccessLost(deps, site.cloudId, token))) return 'access_lost';
    const sites = await listSites(deps, token);
    return sites.some(({ cloudId }) => cloudId === site.cloudId) ? undefined : 'site_gone';
  } catch (doubt) {
    deps.log.info('reconnect_not_confirmed', { tenantId, kind: error.kind, error: doubt });
    return undefined;
  }
}

async function freshToken(deps: Deps, tenantId: string): Promise<SecretText> {
  return getAccessToken(deps, tenantId, { rejected: await getAccessToken(deps, tenantId) });
}

async function isAccessLost(deps: Deps, cloudId: string, token: SecretText): Promise<boolean> {
  const gateway = createGateway({ deps, cloudId, accessToken: async () => token });
  try {
    await gateway.get('/wiki/api/v2/spaces', { limit: 1 });
    return false;
  } catch (error) {
    return error instanceof AtlassianError && error.kind === 'access_lost';
  }
}
