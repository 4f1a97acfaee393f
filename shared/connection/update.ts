import { setTimeout as delay } from 'node:timers/promises';
import type { PatchOperation } from '@azure/cosmos';
import type { Deps } from '../platform/deps.ts';
import { hasStatus, ifMatch } from '../platform/items.ts';
import { CONNECTION_ID, type Connection, readConnection } from './record.ts';

const MAX_ATTEMPTS = 30;

/**
 * Patches the connection as it stands: reads it, asks `decide` for the operations, and writes them only if nobody has
 * written in between; otherwise begins again. Gives the connection as written, or `undefined` when `decide` wanted
 * nothing or there is no connection.
 */
export async function patchConnection(
  deps: Pick<Deps, 'control'>,
  tenantId: string,
  decide: (connection: Connection) => PatchOperation[] | undefined,
): Promise<Connection | undefined> {
  return retryOnConflict(async () => {
    const stored = await readConnection(deps, tenantId);
    const operations = stored && decide(stored.item);
    if (!stored || !operations || operations.length === 0) return undefined;
    const { resource } = await deps.control
      .item(CONNECTION_ID, tenantId)
      .patch<Connection>(operations, ifMatch(stored.etag));
    return resource;
  });
}

/**
 * Runs a read-and-write again as long as somebody else's write came in between, a bounded number of times: changed (412),
 * created (409) or deleted (404) what was read.
 */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!hasStatus(error, 404, 409, 412) || attempts >= MAX_ATTEMPTS) throw error;
      await delay(Math.random() * Math.min(attempts * 5, 50));
    }
  }
}

/** A patch operation that sets the member, or removes it when there is no value and it was there. */
export function setOrRemove(path: string, value: unknown, before: unknown): PatchOperation[] {
  if (value !== undefined) return [{ op: 'set', path, value }];
  return before === undefined ? [] : [{ op: 'remove', path }];
}
