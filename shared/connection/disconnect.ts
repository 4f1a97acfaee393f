import type { Deps } from '../platform/deps.ts';
import type { Connection } from './record.ts';
import { transition } from './transitions.ts';

/**
 * Disconnects. The status comes first: from this write on no tool call, search or sync gets anything, and the running
 * sync is canceled in the same batch. Erasing the tokens follows (`tidy.ts`), step by step, resumed after a crash.
 * Disconnecting twice changes nothing; asking for the index to be deleted works later too.
 *
 * @returns the connection, `undefined` when the tenant never had one
 */
export function disconnect(
  deps: Deps,
  tenantId: string,
  options: { eraseIndex: boolean },
): Promise<Connection | undefined> {
  return transition(deps, tenantId, () => ({ trigger: { kind: 'disconnect', ...options } }));
}
