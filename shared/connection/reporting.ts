import type { QueryIterator } from '@azure/cosmos';
import { fit } from '../atlassian/list.ts';
import { MAX_REPORTED, type ReportedAccount, reportAccounts } from '../atlassian/report-accounts.ts';
import { listSchema, userSchema } from '../atlassian/schemas.ts';
import { authorItemId, putAuthors } from '../index/authors.ts';
import type { Deps } from '../platform/deps.ts';
import { APP_TENANT } from '../platform/ids.ts';
import { hasStatus, readItem } from '../platform/items.ts';
import type { SecretText } from '../platform/secret-text.ts';
import { connectionGateway } from './gateway.ts';
import { readConnection } from './record.ts';
import { getAccessToken } from './tokens.ts';

/** A stored name, without the name: one of the named queries that read across tenants, and gives ids and a date. */
export const NAMED_ACCOUNTS_QUERY =
  'SELECT c.tenantId, c.accountId, c.fetchedAt FROM c WHERE c.type = "author" AND IS_STRING(c.displayName)';

/** Tenants whose token may make the report; any valid token of the app will do. */
export const CONNECTED_TENANTS_QUERY =
  'SELECT TOP 20 VALUE c.tenantId FROM c WHERE c.type = "connection" AND c.status = "connected"';

interface NamedAccount {
  readonly tenantId: string;
  readonly accountId: string;
  readonly fetchedAt: string;
}

/** When the last complete report was, and when Atlassian wants the next one. An item of the tenant `_app`. */
interface ReportingRecord {
  readonly id: 'reporting';
  readonly tenantId: typeof APP_TENANT;
  readonly type: 'reporting';
  readonly reportedAt: string;
  readonly cycleDays: number;
}

const DAY_MS = 86_400_000;
/** The timer's clock is not exact to the minute; a report must not slip by a whole day because of that. */
const SLACK_MS = 3_600_000;

/**
 * Reports the accounts whose names we hold to Atlassian, once a cycle (its `Cycle-Period`, 7 days unless it says
 * otherwise), and does what it answers: names of closed accounts are erased, changed ones are read again. Names stand
 * in `author` items and nowhere else, so erasing one is one delete. A report that fails half-way is made again as a whole
 * the next time the timer looks.
 *
 * @returns how many accounts were reported; 0 when the report is not due or there is no token to make it with
 */
export async function reportPersonalData(deps: Deps): Promise<number> {
  const last = await readItem<ReportingRecord>(deps.control, APP_TENANT, 'reporting');
  if (last && !isDue(last.item, deps.now())) return 0;
  const token = tokenSource(deps);
  let cycleDays = last?.item.cycleDays ?? 7;
  let reported = 0;
  for await (const accounts of batches(deps)) {
    const someToken = await token();
    if (!someToken) {
      deps.log.warn('personal_data_not_reported', { hint: 'no connected tenant has a usable token' });
      return 0;
    }
    const answer = await reportAccounts(deps, someToken, oldestOfEach(accounts));
    cycleDays = answer.cycleDays;
    reported += accounts.length;
    await react(deps, accounts, answer.changed);
  }
  const record: ReportingRecord = {
    id: 'reporting',
    tenantId: APP_TENANT,
    type: 'reporting',
    reportedAt: deps.now().toISOString(),
    cycleDays,
  };
  await deps.control.items.upsert(record);
  deps.log.info('personal_data_reported', { accounts: reported, cycleDays });
  return reported;
}

function isDue({ reportedAt, cycleDays }: ReportingRecord, now: Date): boolean {
  return now.getTime() >= Date.parse(reportedAt) + cycleDays * DAY_MS - SLACK_MS;
}

/** Batches that hold no more accounts than one call may report. */
async function* batches(deps: Pick<Deps, 'control'>): AsyncGenerator<NamedAccount[]> {
  const rows: QueryIterator<NamedAccount> = deps.control.items.query(NAMED_ACCOUNTS_QUERY, { maxItemCount: 900 });
  let batch: NamedAccount[] = [];
  while (rows.hasMoreResults()) {
    const { resources } = await rows.fetchNext();
    for (const row of resources ?? []) {
      batch.push(row);
      if (batch.length === MAX_REPORTED) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

/** One account may be known to several tenants; what Atlassian needs to know is the oldest copy. */
function oldestOfEach(accounts: readonly NamedAccount[]): ReportedAccount[] {
  const oldest = new Map<string, string>();
  for (const { accountId, fetchedAt } of accounts) {
    const known = oldest.get(accountId);
    if (known === undefined || fetchedAt < known) oldest.set(accountId, fetchedAt);
  }
  return [...oldest].map(([accountId, updatedAt]) => ({ accountId, updatedAt }));
}

async function react(
  deps: Deps,
  accounts: readonly NamedAccount[],
  changed: ReadonlyMap<string, 'closed' | 'updated'>,
): Promise<void> {
  const updated = new Map<string, string[]>();
  for (const { tenantId, accountId } of accounts) {
    const status = changed.get(accountId);
    if (status === 'closed') await eraseName(deps, tenantId, accountId);
    if (status === 'updated') updated.set(tenantId, [...(updated.get(tenantId) ?? []), accountId]);
  }
  for (const [tenantId, accountIds] of updated) await refreshNames(deps, tenantId, accountIds);
}

/** A name that cannot be read again now is erased: rather none than an outdated one. The next sync reads it. */
async function refreshNames(deps: Deps, tenantId: string, accountIds: readonly string[]): Promise<void> {
  try {
    const connection = await readConnection(deps, tenantId);
    if (!connection) throw new Error('no connection');
    const answer = listSchema.parse(await connectionGateway(deps, connection).usersBulk(accountIds));
    await putAuthors(deps, tenantId, accountIds, [...fit(answer.results, userSchema).items]);
  } catch (error) {
    deps.log.info('names_erased_instead', { tenantId, error });
    for (const accountId of accountIds) await eraseName(deps, tenantId, accountId);
  }
}

async function eraseName(deps: Pick<Deps, 'control'>, tenantId: string, accountId: string): Promise<void> {
  try {
    await deps.control.item(authorItemId(accountId), tenantId).delete();
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
}

/** A token of the first tenant that has one; asked again before each call, because a long report outlives a token. */
function tokenSource(deps: Deps): () => Promise<SecretText | undefined> {
  let tenants: string[] | undefined;
  return async () => {
    tenants ??= (await deps.control.items.query<string>(CONNECTED_TENANTS_QUERY).fetchAll()).resources;
    for (const tenantId of tenants) {
      try {
        return await getAccessToken(deps, tenantId);
      } catch (error) {
        deps.log.info('no_token_for_report', { tenantId, error });
      }
    }
    return undefined;
  };
}
