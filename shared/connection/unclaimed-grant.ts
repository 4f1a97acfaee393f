import type { Site } from '../atlassian/resources.ts';
import type { Deps } from '../platform/deps.ts';
import { readItem, type Stored } from '../platform/items.ts';
import { hashOf } from './random-name.ts';
import type { Grant } from './record.ts';

/**
 * A consent that Atlassian granted and nobody has claimed yet: an item of its own, so that two dashboards can be under way
 * at once. It is never shown and never used; `connect/complete` makes it the connection's, or it lapses and its secret
 * is erased. It has no TTL, because its secret must go first.
 */
export interface UnclaimedGrant {
  /** `grant:{hash of the completion}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'grant';
  readonly createdAt: string;
  /** Known before the secret is written, so that a crash in between leaves no secret that nothing refers to. */
  readonly secretName: string;
  /** Absent until the tokens are stored and the sites are known. */
  readonly granted?: {
    readonly grant: Grant;
    readonly sites: readonly Site[];
    /** For the minutes until it is claimed; then it becomes an `author` item, otherwise it goes with this one. */
    readonly accountName?: string;
  };
  readonly expiresAt: string;
  /** Set by whoever erases it: from then on it cannot be claimed. */
  readonly lapsed?: boolean;
  readonly tidyAt: string;
}

export function unclaimedGrantId(completion: string): string {
  return `grant:${hashOf(completion)}`;
}

/** An unclaimed grant as the callback begins it. */
export function newUnclaimedGrant(
  { settings, now }: Pick<Deps, 'settings' | 'now'>,
  tenantId: string,
  completion: string,
  secretName: string,
): UnclaimedGrant {
  const at = now();
  const expiresAt = at.getTime() + settings.GRANT_CLAIM_SECONDS * 1000;
  return {
    id: unclaimedGrantId(completion),
    tenantId,
    type: 'grant',
    createdAt: at.toISOString(),
    secretName,
    expiresAt: new Date(expiresAt).toISOString(),
    // Clocks differ: who erases waits a moment longer than who claims.
    tidyAt: new Date(expiresAt + settings.TIDY_DELAY_SECONDS * 1000).toISOString(),
  };
}

/** The grant of this completion, if this tenant may still claim it. */
export async function findClaimable(
  deps: Pick<Deps, 'control' | 'now'>,
  tenantId: string,
  completion: string,
): Promise<(Stored<UnclaimedGrant> & { granted: NonNullable<UnclaimedGrant['granted']> }) | undefined> {
  const stored = await readItem<UnclaimedGrant>(deps.control, tenantId, unclaimedGrantId(completion));
  if (!stored?.item.granted || stored.item.lapsed) return undefined;
  if (Date.parse(stored.item.expiresAt) <= deps.now().getTime()) return undefined;
  return { ...stored, granted: stored.item.granted };
}
