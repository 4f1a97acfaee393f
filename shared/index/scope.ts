import { type Connection, readConnection } from '../connection/record.ts';
import { notUsable } from '../connection/tokens.ts';
import type { Deps } from '../platform/deps.ts';
import type { IndexScope } from './read.ts';

/**
 * What a tenant's readers may see: only the connected site's index, only while it is connected.
 *
 * @throws {ProblemError} 409 `not_connected` (also while the customer has to reconnect: then `reconnect_required`)
 */
export async function readScope(deps: Pick<Deps, 'control'>, tenantId: string): Promise<IndexScope> {
  return scopeOf((await readConnection(deps, tenantId))?.item, tenantId);
}

export function scopeOf(connection: Connection | undefined, tenantId: string): IndexScope {
  if (connection?.status !== 'connected' || !connection.site) throw notUsable(connection?.status);
  return { tenantId, cloudId: connection.site.cloudId, excludedKeys: connection.excludedKeys };
}
