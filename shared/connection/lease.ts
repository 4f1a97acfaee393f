import { randomUUID } from 'node:crypto';
import type { Deps } from '../platform/deps.ts';
import { hasStatus, ifMatch, type Stored } from '../platform/items.ts';
import { nextTidyAt } from './due.ts';
import { freshSecretName } from './random-name.ts';
import { CONNECTION_ID, type Connection, type RefreshLease } from './record.ts';
import { patchConnection } from './update.ts';

type LeaseDeps = Pick<Deps, 'control' | 'settings' | 'now'>;

/**
 * Takes the right to refresh, also from an owner whose lease has run out. `undefined` when somebody wrote the connection
 * since it was read: look again. `tidyAt` goes with it: if this process dies, the timer finds the lease.
 */
export async function takeLease(
  deps: LeaseDeps,
  { item, etag }: Stored<Connection>,
): Promise<RefreshLease | undefined> {
  const refreshLease = newLease(deps, item);
  const tidyAt = nextTidyAt({ ...item, refreshLease }, deps.settings, deps.now());
  try {
    await deps.control.item(CONNECTION_ID, item.tenantId).patch(
      [
        { op: 'set', path: '/refreshLease', value: refreshLease },
        { op: 'set', path: '/tidyAt', value: earlier(item.tidyAt, tidyAt) },
      ],
      ifMatch(etag),
    );
    return refreshLease;
  } catch (error) {
    if (hasStatus(error, 404, 412)) return undefined;
    throw error;
  }
}

/** Extends a lease. `undefined` when it is not ours any more: then what we hold must not be stored. */
export async function renewLease(
  deps: LeaseDeps,
  tenantId: string,
  lease: RefreshLease,
): Promise<RefreshLease | undefined> {
  const renewed = { ...lease, until: leaseEnd(deps) };
  const connection = await patchConnection(deps, tenantId, (current) =>
    current.refreshLease?.owner === lease.owner ? [{ op: 'set', path: '/refreshLease', value: renewed }] : undefined,
  );
  return connection && renewed;
}

function newLease(deps: LeaseDeps, { grant, refreshLease: former }: Connection): RefreshLease {
  const full = grant !== undefined && grant.rotations >= deps.settings.SECRET_ROTATIONS_MAX;
  // A former owner may have written the tokens under its fresh name already, so that name is kept.
  const moveTo = former?.moveTo ?? (full ? freshSecretName() : undefined);
  return { owner: randomUUID(), until: leaseEnd(deps), ...(moveTo ? { moveTo } : {}) };
}

function leaseEnd({ settings, now }: LeaseDeps): string {
  return new Date(now().getTime() + settings.REFRESH_LEASE_SECONDS * 1000).toISOString();
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  return a !== undefined && (b === undefined || a < b) ? a : b;
}
