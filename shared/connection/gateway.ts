import { createGateway, type Gateway, type GatewayOptions } from '../atlassian/gateway.ts';
import type { Deps } from '../platform/deps.ts';
import type { Stored } from '../platform/items.ts';
import type { Connection } from './record.ts';
import { getAccessToken, notUsable } from './tokens.ts';

/**
 * The client of a connection's site, with the connection's own token. The connection that the caller has just read saves
 * the first request its read; every further request looks again.
 *
 * @throws {ProblemError} 409 `not_connected` or `reconnect_required`
 */
export function connectionGateway(
  deps: Deps,
  stored: Stored<Connection>,
  options: Pick<GatewayOptions, 'onUsage' | 'timeoutMs' | 'signal'> & { waitMs?: number } = {},
): Gateway {
  const { tenantId, status, site } = stored.item;
  if (status !== 'connected' || !site) throw notUsable(status);
  const { waitMs, ...rest } = options;
  let justRead: Stored<Connection> | undefined = stored;
  return createGateway({
    ...rest,
    deps,
    cloudId: site.cloudId,
    accessToken({ rejected } = {}) {
      const connection = justRead;
      justRead = undefined;
      return getAccessToken(deps, tenantId, { rejected, waitMs, connection });
    },
  });
}
