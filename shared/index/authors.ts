import type { OperationInput } from '@azure/cosmos';
import type { ConfluenceUser } from '../atlassian/schemas.ts';
import { runBulk } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { fetchAll } from '../platform/query.ts';

type AuthorDeps = Pick<Deps, 'control' | 'now'>;

/** A person's name, kept once a tenant and looked up on reading: erasing a person is deleting this item. */
export interface AuthorItem {
  /** `author:{accountId}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'author';
  readonly accountId: string;
  /** `null` until the name has been fetched. */
  readonly displayName: string | null;
  readonly fetchedAt: string | null;
  readonly ttl: number;
}

/** A name that nobody has confirmed for a week leaves the index. */
export const AUTHOR_TTL_SECONDS = 7 * 24 * 3600;

/** Names are asked for again before that, by the first sync after this time: nobody reads a page without names. */
const REFRESH_AFTER_MS = 4 * 24 * 3600_000;

export function authorItemId(accountId: string): string {
  return `author:${accountId}`;
}

/** Notes accounts whose names are not known yet; the sync fetches them in batches. Known ones stay as they are. */
export async function noteAuthors(deps: AuthorDeps, tenantId: string, accountIds: Iterable<string>): Promise<void> {
  const wanted = [...new Set(accountIds)];
  const known = await readNames(deps, tenantId, wanted);
  const unknown = wanted.filter((accountId) => !known.has(accountId));
  // 409: another worker noted the same account.
  await runBulk(
    deps.control,
    unknown.map(
      (accountId): OperationInput => ({
        operationType: 'Create',
        partitionKey: tenantId,
        resourceBody: { ...author(tenantId, accountId, null, null) },
      }),
    ),
  );
}

/** Accounts that were noted and have no name yet, or one that is due to be asked for again. */
export async function readDueAuthors(deps: AuthorDeps, tenantId: string, limit: number): Promise<string[]> {
  return fetchAll<string>(deps.control, tenantId, {
    select: 'VALUE c.accountId',
    where: 'c.type = "author" AND (IS_NULL(c.fetchedAt) OR c.fetchedAt < @before)',
    parameters: { limit, before: new Date(deps.now().getTime() - REFRESH_AFTER_MS).toISOString() },
    tail: 'OFFSET 0 LIMIT @limit',
  });
}

/** Stores the names of the accounts that were asked for; an account that Confluence does not show keeps no name. */
export async function putAuthors(
  deps: AuthorDeps,
  tenantId: string,
  asked: readonly string[],
  users: readonly ConfluenceUser[],
): Promise<void> {
  // The name of a closed account is no longer ours to keep.
  const nameOf = ({ accountStatus, displayName, publicName }: ConfluenceUser) =>
    accountStatus === 'closed' ? null : displayName || publicName || null;
  const names = new Map(users.map((user) => [user.accountId, nameOf(user)]));
  const fetchedAt = deps.now().toISOString();
  await runBulk(
    deps.control,
    asked.map(
      (accountId): OperationInput => ({
        operationType: 'Upsert',
        partitionKey: tenantId,
        resourceBody: { ...author(tenantId, accountId, names.get(accountId) ?? null, fetchedAt) },
      }),
    ),
  );
}

/** The names of these accounts. An account that was noted but has no name maps to `null`. */
export async function readNames(
  deps: Pick<Deps, 'control'>,
  tenantId: string,
  accountIds: readonly string[],
): Promise<Map<string, string | null>> {
  const names = new Map<string, string | null>();
  for (let start = 0; start < accountIds.length; start += 250) {
    const rows = await fetchAll<Pick<AuthorItem, 'accountId' | 'displayName'>>(deps.control, tenantId, {
      select: 'c.accountId, c.displayName',
      where: 'c.type = "author" AND ARRAY_CONTAINS(@ids, c.id)',
      parameters: { ids: accountIds.slice(start, start + 250).map(authorItemId) },
    });
    for (const { accountId, displayName } of rows) names.set(accountId, displayName);
  }
  return names;
}

function author(tenantId: string, accountId: string, displayName: string | null, fetchedAt: string | null): AuthorItem {
  return {
    id: authorItemId(accountId),
    tenantId,
    type: 'author',
    accountId,
    displayName,
    fetchedAt,
    ttl: AUTHOR_TTL_SECONDS,
  };
}
