import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Container, SqlQuerySpec } from '@azure/cosmos';
import { TIDY_QUERY } from '../../shared/connection/due.ts';
import { CONNECTED_TENANTS_QUERY, NAMED_ACCOUNTS_QUERY } from '../../shared/connection/reporting.ts';
import { searchIndex } from '../../shared/index/search/search.ts';
import { queryTenant } from '../../shared/platform/query.ts';
import { DUE_QUERY, OVERDUE_QUERY, PASS_COSTS_QUERY } from '../../shared/sync/schedule.ts';

/*
 * Every query names its tenant. Those of one partition are built by `queryTenant`; the ranked ones of the search, which the
 * SDK sends to every partition, name it in their condition; the timers' queries below are the only ones that do not.
 */

const root = join(import.meta.dirname, '../..');

/** Every source file of the application without its comments, by its path. */
const sources = new Map(
  ['functions', 'shared'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [join(folder, file), withoutComments(readFileSync(join(root, folder, file), 'utf8'))] as const),
  ),
);

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

/** How often a pattern occurs, by file; files without it are left out. */
function occurrences(pattern: RegExp): Record<string, number> {
  const counts = [...sources].map(([file, source]) => [file, [...source.matchAll(pattern)].length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

test('a container is queried in these places only', () => {
  assert.deepEqual(
    occurrences(/\.\s*(query|readAll|changeFeed|readChangeFeed|getChangeFeedIterator)\s*(<[^()]*>)?\(/g),
    {
      'shared/connection/due.ts': 1,
      'shared/connection/reporting.ts': 2,
      'shared/index/search/candidates.ts': 1,
      'shared/platform/query.ts': 1,
      'shared/sync/revive.ts': 1,
      'shared/sync/schedule.ts': 2,
    },
  );
});

test('a query is worded in these places only, so none is put together elsewhere and sent from a known place', () => {
  assert.deepEqual(occurrences(/['"`]\s*SELECT\s/g), {
    'shared/connection/due.ts': 1,
    'shared/connection/reporting.ts': 2,
    'shared/index/search/candidates.ts': 1,
    'shared/platform/query.ts': 1,
    'shared/sync/schedule.ts': 3,
  });
});

/** What each query across tenants gives: ids, times and costs; no name, no content. */
const acrossTenants: Record<string, { query: string; gives: string[] }> = {
  DUE_QUERY: {
    query: DUE_QUERY,
    gives: ['tenantId', 'nextSyncAt', 'delta', 'passes', 'activeRunId', 'watermark', 'site.cloudId', '_etag'],
  },
  OVERDUE_QUERY: { query: OVERDUE_QUERY, gives: ['tenantId', 'runId', 'epoch'] },
  PASS_COSTS_QUERY: { query: PASS_COSTS_QUERY, gives: ['passes'] },
  TIDY_QUERY: { query: TIDY_QUERY, gives: ['tenantId'] },
  NAMED_ACCOUNTS_QUERY: { query: NAMED_ACCOUNTS_QUERY, gives: ['tenantId', 'accountId', 'fetchedAt'] },
  CONNECTED_TENANTS_QUERY: { query: CONNECTED_TENANTS_QUERY, gives: ['tenantId'] },
};

test('the queries across tenants are these, and no other constant is one', () => {
  const constants = [...sources.values()].flatMap((source) =>
    [...source.matchAll(/export const (\w+)\s*=\s*['"`]SELECT\b/g)].map(([, name]) => name),
  );
  assert.deepEqual(constants.sort(), Object.keys(acrossTenants).sort());
});

for (const [name, { query, gives }] of Object.entries(acrossTenants)) {
  test(`${name} gives ${gives.join(', ')} and nothing else`, () => {
    const projected = /^SELECT (?:DISTINCT )?(?:TOP \d+ )?(?:VALUE )?(.+?) FROM c WHERE /.exec(query)?.[1];
    assert.deepEqual(
      projected?.split(', '),
      gives.map((member) => `c.${member}`),
    );
  });
}

interface Sent {
  readonly query: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly partitionKey: unknown;
}

/** An empty container that notes what it is asked. */
function emptyContainer(): { container: Container; sent: Sent[] } {
  const sent: Sent[] = [];
  const query = ({ query, parameters = [] }: SqlQuerySpec, options: { partitionKey?: unknown } = {}) => {
    const named = Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
    sent.push({ query, parameters: named, partitionKey: options.partitionKey });
    return {
      fetchAll: async () => ({ resources: [] }),
      fetchNext: async () => ({ resources: [] }),
      hasMoreResults: () => false,
    };
  };
  return { container: { items: { query } } as unknown as Container, sent };
}

/** The condition's parts that all have to hold: whatever stands in parentheses or quotes is one part. */
function conjuncts(query: string): string[] {
  const [, condition = ''] = / WHERE (.*?)(?= ORDER BY | OFFSET |$)/.exec(query) ?? [];
  const flat = condition.replace(/"[^"]*"/g, '""');
  let depth = 0;
  const outside = [...flat].map((character) => {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    return depth > 0 && /[A-Z]/.test(character) ? '_' : character;
  });
  const parts = outside.join('').split(' AND ');
  for (const part of parts) assert.doesNotMatch(part, /\bOR\b/, `an alternative beside the tenant: ${condition}`);
  return parts;
}

test('a query of one tenant names it in its condition, whatever else it asks, and in its partition key', () => {
  const { container, sent } = emptyContainer();
  queryTenant(container, 'mine', { select: '*', where: 'c.a = 1 OR true', tail: 'ORDER BY c.a' });
  const [{ query = '', parameters, partitionKey } = {}] = sent as Partial<Sent>[];
  assert.ok(conjuncts(query).includes('c.tenantId = @tenantId'));
  assert.deepEqual([parameters?.['@tenantId'], partitionKey], ['mine', 'mine']);
});

const searches: readonly { query: string; [filter: string]: unknown }[] = [
  { query: 'billing' },
  { query: 'refund "from the \\" OR true OR \\"" KB-17 a/b' },
  { query: 'vpn", "x") OR (true', spaceKey: '") OR true', authorId: '") OR true' },
  { query: 'router', labels: ['a', '") OR true'], modifiedSince: '2026-01-01', modifiedBefore: '2026-02-01' },
  { query: 'router', ancestorId: '17' },
];
for (const search of searches) {
  test(`every query of the search for ${JSON.stringify(search)} names the tenant and the site`, async () => {
    const { container, sent } = emptyContainer();
    const scope = { tenantId: 'mine', cloudId: 'site', excludedKeys: ['HR'] };
    await searchIndex({ pages: container, now: () => new Date() }, scope, { limit: 10, ...search });
    assert.ok(
      sent.some(({ query }) => query.includes('ORDER BY RANK')),
      'the search was reached',
    );
    for (const { query, parameters } of sent) {
      const parts = conjuncts(query).map((part) => part.replaceAll(/[()]/g, ''));
      assert.ok(parts.includes('c.tenantId = @tenantId'), query);
      assert.match(query, /c\.cloudId = @cloudId/);
      assert.deepEqual([parameters['@tenantId'], parameters['@cloudId']], ['mine', 'site']);
    }
  });
}
