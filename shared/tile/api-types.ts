import type { Groups, Profile } from '../tool/groups.ts';

/** What the tile reads of the API's answers; see `GET /api/openapi.json` for all that they hold. */

export interface Site {
  readonly cloudId: string;
  readonly name: string;
  readonly url: string;
}

export type ReconnectReason = 'revoked' | 'access_lost' | 'scopes_missing' | 'site_gone';

export interface Connection {
  readonly status: 'disconnected' | 'choosing_site' | 'connected' | 'reconnect_required';
  readonly reason?: ReconnectReason;
  readonly statusSince?: string;
  readonly site?: Site;
  readonly sites?: readonly Site[];
  readonly account?: { readonly accountId: string; readonly name?: string; readonly grantedAt: string };
  readonly missingScopes?: readonly string[];
  readonly pending?: { readonly sites: readonly Site[]; readonly expiresAt: string };
  readonly indexKeptUntil?: string;
  readonly sync?: SyncStatus;
}

export interface RunCounters {
  readonly found: number;
  readonly written: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly spaces: number;
  readonly labels: number;
  readonly attachments: number;
  readonly skipped: number;
}

export interface Run {
  readonly runId: string;
  readonly mode: 'delta' | 'full';
  readonly trigger: 'connect' | 'schedule' | 'manual';
  readonly state: 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'canceled';
  /** What it is doing, in words. */
  readonly activity?: string;
  readonly counters: RunCounters;
  readonly estimatedPages?: number;
  readonly resumeAt?: string;
  readonly problems?: readonly { readonly code: string; readonly detail: string }[];
  readonly moreProblems?: number;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

export interface SyncStatus {
  /** The run at work. */
  readonly run?: Run;
  /** The last one that ended. */
  readonly lastRun?: Run;
  readonly lastCheckedAt?: string;
  readonly lastSyncedAt?: string;
  readonly nextSyncAt?: string;
  /** The passes of a full sync; `ids` is the listing of all pages. */
  readonly passes?: { readonly ids?: { readonly dueAt?: string } };
  /** Since when no sync has succeeded. */
  readonly failingSince?: string;
  readonly totals?: { readonly spaces: number; readonly pages: number; readonly attachments: number };
}

export interface Space {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly pages: number;
  readonly excluded: boolean;
}

export interface SearchHit {
  readonly pageId: string;
  readonly title: string;
  readonly excerpt: string;
  readonly url: string;
  readonly spaceKey?: string;
  readonly labels?: readonly string[];
  readonly lastModifiedAt?: string;
}

/** An agent as the dashboard knows it. */
export interface Agent {
  readonly id: string;
  readonly name: string;
}

/** An agent's access to Confluence. */
export interface AgentAccess {
  readonly profile?: Profile;
  readonly groups: Groups;
  readonly keys: readonly {
    readonly keyId: string;
    readonly createdAt: string;
    readonly expiresAt?: string;
    readonly lastUsedAt?: string;
  }[];
}

export interface NewKey {
  readonly key: string;
  readonly keyId: string;
  readonly createdAt: string;
}
