import { AtlassianError } from '../atlassian/errors.ts';
import { fit } from '../atlassian/list.ts';
import { listSchema, userSchema } from '../atlassian/schemas.ts';
import { type AuthorItem, authorItemId, putAuthors } from '../index/authors.ts';
import type { Deps } from '../platform/deps.ts';
import { readItem } from '../platform/items.ts';
import { ProblemError } from '../platform/problem.ts';
import { fetchAll } from '../platform/query.ts';
import { keptBriefly } from './kept-briefly.ts';
import { may, type ToolContext } from './operation.ts';

/** A person as results show them: always the account, the name only while *users* is on and Confluence shows it. */
export interface Person {
  readonly accountId: string;
  readonly name?: string;
}

/** Names by account id. `complete` is false when they could not all be asked for. */
export interface Names {
  readonly byAccountId: ReadonlyMap<string, string>;
  readonly complete: boolean;
}

const NO_NAMES: Names = { byAccountId: new Map(), complete: true };
const BULK_MAX = 250;
const POINT_READS_MAX = 6;

/** Few people write most pages; a name that was erased is gone from here within these seconds. */
const authors = keptBriefly<KnownAuthor | undefined>(10_000, 10_000);

type KnownAuthor = Pick<AuthorItem, 'accountId' | 'displayName' | 'fetchedAt'>;

/**
 * The names of people that a result mentions: from the stored names, the rest from Confluence, which then are stored
 * for the next call. No names at all while *users* is off. A failure costs the names, never the call.
 */
export async function namesOf(context: ToolContext, accountIds: Iterable<string | null | undefined>): Promise<Names> {
  const wanted = [...new Set(accountIds)].filter((id): id is string => typeof id === 'string' && id !== '');
  if (wanted.length === 0 || !may(context, 'users')) return NO_NAMES;
  const names = new Map<string, string>();
  try {
    const asked = new Set<string>();
    for (const { accountId, displayName, fetchedAt } of await readAuthors(context, wanted)) {
      if (displayName) names.set(accountId, displayName);
      if (fetchedAt) asked.add(accountId);
    }
    const unknown = wanted.filter((accountId) => !asked.has(accountId));
    if (unknown.length > 0) await fetchNames(context, unknown.slice(0, BULK_MAX), names);
    return { byAccountId: names, complete: unknown.length <= BULK_MAX };
  } catch (error) {
    if (!(error instanceof AtlassianError || error instanceof ProblemError)) {
      context.deps.log.warn('tool_names_failed', { tenantId: context.scope.tenantId, error });
    }
    return { byAccountId: names, complete: false };
  }
}

async function fetchNames(context: ToolContext, accountIds: readonly string[], into: Map<string, string>) {
  const envelope = listSchema.safeParse(await context.confluence.usersBulk(accountIds));
  if (!envelope.success) throw new AtlassianError('malformed', 'users-bulk has another form than documented');
  const users = fit(envelope.data.results, userSchema).items;
  for (const user of users) {
    const name = user.displayName || user.publicName;
    if (name) into.set(user.accountId, name);
  }
  // For the next call; this one has its names and does not wait.
  putAuthors(context.deps, context.scope.tenantId, accountIds, users).catch((error: unknown) => {
    context.deps.log.warn('tool_names_not_stored', { tenantId: context.scope.tenantId, error });
  });
}

/** An account that was asked for before has a date, with or without a name. A few are cheapest read one by one. */
async function readAuthors({ deps, scope }: ToolContext, accountIds: readonly string[]): Promise<KnownAuthor[]> {
  if (accountIds.length <= POINT_READS_MAX) {
    const stored = await Promise.all(accountIds.map((accountId) => readAuthor(deps, scope.tenantId, accountId)));
    return stored.filter((author) => author !== undefined);
  }
  return fetchAll<KnownAuthor>(deps.control, scope.tenantId, {
    select: 'c.accountId, c.displayName, c.fetchedAt',
    where: 'c.type = "author" AND ARRAY_CONTAINS(@ids, c.id)',
    parameters: { ids: accountIds.map(authorItemId) },
  });
}

function readAuthor(deps: Deps, tenantId: string, accountId: string): Promise<KnownAuthor | undefined> {
  return authors(`${tenantId} ${accountId}`, deps.now(), async () => {
    const author = await readItem<AuthorItem>(deps.control, tenantId, authorItemId(accountId));
    // One that was only noted is about to be asked for.
    return author?.item.fetchedAt ? author.item : undefined;
  });
}

export function personOf(accountId: string | null | undefined, names: Names): Person | null {
  if (!accountId) return null;
  const name = names.byAccountId.get(accountId);
  return { accountId, ...(name ? { name } : {}) };
}
