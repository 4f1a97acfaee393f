import { createGateway, type Gateway, type GatewayOptions } from '../atlassian/gateway.ts';
import type { Deps } from '../platform/deps.ts';
import type { Stored } from '../platform/items.ts';
import type { Connection } from './record.ts';
import { getAccessToken, notUsable } from './tokens.ts';

/** A connection that was read longer ago may have been disconnected, or be in mid-refresh, by now. */
const JUST_READ_MS = 1_000;

/**
 * The client of a connection's site, with the connection's own token. The connection that the caller has just read saves
 * the first request its read, if that follows at once; every further request looks again.
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
  const givenAt = performance.now();
  return createGateway({
    ...rest,
    deps,
    cloudId: site.cloudId,
    accessToken({ rejected } = {}) {
      const connection = performance.now() - givenAt < JUST_READ_MS ? justRead : undefined;
      justRead = undefined;
      return getAccessToken(deps, tenantId, { rejected, waitMs, connection });
    },
  });
}
