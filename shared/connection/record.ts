import type { Site } from '../atlassian/resources.ts';
import type { Deps } from '../platform/deps.ts';
import { readItem, type Stored } from '../platform/items.ts';

export type ConnectionStatus = 'disconnected' | 'choosing_site' | 'connected' | 'reconnect_required';

/** Why a connection needs its customer: there is no fifth reason. */
export type ReconnectReason = 'revoked' | 'access_lost' | 'scopes_missing' | 'site_gone';

/** A consent that Atlassian granted: where its tokens are and what they may do. Never a token. */
export interface Grant {
  /** Name of the Key Vault secret that holds the tokens. */
  readonly secretName: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
  readonly grantedAt: string;
  /** When the access token in the vault expires, as of the last refresh. */
  readonly tokenExpiresAt: string;
  /** Versions written under this secret name; at `SECRET_ROTATIONS_MAX` it rolls to a fresh name. */
  readonly rotations: number;
}

/** One process's right to refresh the tokens. Whoever finds it expired may take it over. */
export interface RefreshLease {
  readonly owner: string;
  readonly until: string;
  /** The fresh secret name that this refresh moves the tokens to; kept by whoever takes the lease over. */
  readonly moveTo?: string;
}

/** A Key Vault secret that nothing refers to any more. */
export interface SecretToErase {
  readonly name: string;
  /** Until then a refresh that was under way may still write it, so it is erased once more afterwards. */
  readonly watchUntil?: string;
}

/** The three passes of a full sync, each with its own due time. */
export type PassName = 'ids' | 'labels' | 'attachments';

export interface Pass {
  /** When it is due next. */
  readonly dueAt: string;
  readonly lastSucceededAt?: string;
  /** Points it cost last time: what the scheduler expects it to cost next time. */
  readonly costPoints?: number;
}

/** The newest page as the last look saw it. Only equality counts. */
export interface Probe {
  readonly pageId: string;
  readonly versionCreatedAt: string;
  readonly versionNumber: number;
}

/** A delta that was claimed on the connection itself; it has no run item until it finds work. */
export interface DeltaClaim {
  readonly epoch: number;
  readonly messageDueAt: string;
  readonly leaseUntil?: string;
}

export interface Totals {
  readonly spaces: number;
  readonly pages: number;
  readonly attachments: number;
}

/** A change of state that the dashboard backend has not been told yet; stored in the same write as the change. */
export interface PendingEvent {
  readonly id: string;
  readonly type:
    | 'confluence.connected'
    | 'confluence.reconnect_required'
    | 'confluence.sync_failed'
    | 'confluence.disconnected';
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * What the application knows about a tenant's Confluence: one item of the container `control`. Two areas write it:
 * `connection/` its state, grant and lease, `sync/` its schedule and progress, each by patches of its own members
 * under a condition, so that neither overwrites the other.
 */
export interface Connection {
  readonly id: 'connection';
  readonly tenantId: string;
  readonly type: 'connection';
  readonly createdAt: string;

  // Written by connection/
  readonly status: ConnectionStatus;
  readonly reason?: ReconnectReason;
  /** Since when the status holds. */
  readonly statusSince: string;
  /** The site that is synced, or was when the tenant disconnected: for as long as there is an index of it. */
  readonly site?: Site;
  /** What the grant may reach, to pick from. */
  readonly sites: readonly Site[];
  readonly grant?: Grant;
  /** A newer consent, accepted by the dashboard, that lacks the present site and waits for a choice. */
  readonly pending?: { readonly grant: Grant; readonly sites: readonly Site[]; readonly expiresAt: string };
  readonly refreshLease?: RefreshLease;
  readonly refreshFailures?: { readonly count: number; readonly notBefore: string };
  readonly pendingEvents: readonly PendingEvent[];
  /** What is still to be erased after a disconnect or a change of grant or site; see `tidy.ts`. */
  readonly secretsToErase?: readonly SecretToErase[];
  /** Cloud ids whose index is still to be handed over for deletion; never the id of `site`. */
  readonly indexesToErase?: readonly string[];
  readonly disconnectedAt?: string;
  /** When `tidy.ts` has something to do here at the latest; absent when it has nothing. Found by the timer's query. */
  readonly tidyAt?: string;

  // Written by sync/
  /** When the timer looks at this tenant next; absent while nothing is to be synced. */
  readonly nextSyncAt?: string;
  readonly delta?: DeltaClaim;
  readonly activeRunId?: string;
  readonly passes: Readonly<Partial<Record<PassName, Pass>>>;
  /** Everything changed up to here is in the index. */
  readonly watermark?: string;
  readonly probe?: Probe;
  readonly hints?: { readonly lookedAt: string; readonly newestAttachment?: string; readonly pageCount?: number };
  readonly lastCheckedAt?: string;
  readonly lastSyncedAt?: string;
  /** The first of the runs that have failed since one succeeded; the dashboard was told then. */
  readonly syncFailingSince?: string;
  readonly excludedKeys: readonly string[];
  readonly totals?: Totals;
}

export const CONNECTION_ID = 'connection';

/** The connection of a tenant that never had one: what the first consent starts from. */
export function newConnection(tenantId: string, now: Date): Connection {
  return {
    id: CONNECTION_ID,
    tenantId,
    type: 'connection',
    createdAt: now.toISOString(),
    status: 'disconnected',
    statusSince: now.toISOString(),
    sites: [],
    pendingEvents: [],
    passes: {},
    excludedKeys: [],
  };
}

/** The tenant's connection, or `undefined` when it was never connected. */
export function readConnection(deps: Pick<Deps, 'control'>, tenantId: string): Promise<Stored<Connection> | undefined> {
  return readItem<Connection>(deps.control, tenantId, CONNECTION_ID);
}
