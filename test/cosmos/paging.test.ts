import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { FeedOptions, SqlQuerySpec } from '@azure/cosmos';
import { messageOf, startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const container = await emulator.container({
  indexingPolicy: {
    compositeIndexes: [
      [
        { path: '/group', order: 'ascending' },
        { path: '/n', order: 'descending' },
      ],
    ],
  },
});
const ITEMS = Array.from({ length: 25 }, (_, n) => ({
  id: `i${n}`,
  tenantId: n % 2 ? 'odd' : 'even',
  n,
  group: n % 3,
  half: n % 4 ? n : null,
}));
for (const item of ITEMS) await container.items.create(item);

/** Reads all pages, each with a new iterator from the token before, as a stateless caller would. */
async function pages(query: string | SqlQuerySpec, options: FeedOptions, between?: (page: number) => Promise<unknown>) {
  const found: unknown[] = [];
  let continuationToken: string | undefined;
  let page = 0;
  do {
    const iterator = container.items.query(query, {
      maxItemCount: 4,
      ...options,
      ...(continuationToken ? { continuationToken } : {}),
    });
    const response = await iterator.fetchNext();
    found.push(...(response.resources ?? []));
    continuationToken = response.continuationToken;
    await between?.(page++);
  } while (continuationToken && page < 30);
  return found;
}

const sorted = (
  keep: (item: (typeof ITEMS)[number]) => boolean,
  by: (a: (typeof ITEMS)[number], b: (typeof ITEMS)[number]) => number,
) =>
  ITEMS.filter(keep)
    .sort(by)
    .map((item) => item.id);

describe('A query inside a partition goes on from page to page', () => {
  const even = (item: { tenantId: string }) => item.tenantId === 'even';
  const cases: [string, string[]][] = [
    ['SELECT VALUE c.id FROM c', sorted(even, (a, b) => a.n - b.n)],
    ['SELECT VALUE c.id FROM c ORDER BY c.n', sorted(even, (a, b) => a.n - b.n)],
    ['SELECT VALUE c.id FROM c ORDER BY c.n DESC', sorted(even, (a, b) => b.n - a.n)],
    ['SELECT VALUE c.id FROM c ORDER BY c.group', sorted(even, (a, b) => a.group - b.group || a.n - b.n)],
    [
      'SELECT VALUE c.id FROM c ORDER BY c.half',
      sorted(even, (a, b) => Number(a.half ?? -1) - Number(b.half ?? -1) || a.n - b.n),
    ],
    [
      'SELECT VALUE c.id FROM c ORDER BY c.half DESC',
      sorted(even, (a, b) => Number(b.half ?? -1) - Number(a.half ?? -1) || b.n - a.n),
    ],
    ['SELECT VALUE c.id FROM c ORDER BY c.group ASC, c.n DESC', sorted(even, (a, b) => a.group - b.group || b.n - a.n)],
    [
      'SELECT VALUE c.id FROM c WHERE c.n > 4 AND c.n <= 20 ORDER BY c.n',
      sorted(
        (i) => even(i) && i.n > 4 && i.n <= 20,
        (a, b) => a.n - b.n,
      ),
    ],
    [
      'SELECT VALUE c.id FROM c WHERE c.n > 4 AND c.n <= 20 ORDER BY c.n DESC',
      sorted(
        (i) => even(i) && i.n > 4 && i.n <= 20,
        (a, b) => b.n - a.n,
      ),
    ],
    ['SELECT VALUE c.id FROM c ORDER BY c.n OFFSET 2 LIMIT 9', sorted(even, (a, b) => a.n - b.n).slice(2, 11)],
    ['SELECT TOP 6 VALUE c.id FROM c ORDER BY c.n DESC', sorted(even, (a, b) => b.n - a.n).slice(0, 6)],
  ];
  for (const [query, expected] of cases) {
    test(query, async () => assert.deepEqual(await pages(query, { partitionKey: 'even' }), expected));
  }

  test('with DISTINCT, GROUP BY and JOIN', async () => {
    const distinct = await pages('SELECT DISTINCT VALUE c.n FROM c', { partitionKey: 'even', maxItemCount: 3 });
    assert.deepEqual(
      distinct.sort((a, b) => Number(a) - Number(b)),
      ITEMS.filter(even).map((item) => item.n),
    );
    const grouped = await pages('SELECT c.group, COUNT(1) AS n FROM c GROUP BY c.group', {
      partitionKey: 'even',
      maxItemCount: 2,
    });
    assert.deepEqual(grouped, [
      { group: 0, n: 5 },
      { group: 1, n: 4 },
      { group: 2, n: 4 },
    ]);
    await container.items.create({ id: 'list', tenantId: 'join', list: [1, 2, 3, 4, 5] });
    assert.deepEqual(
      await pages('SELECT VALUE x FROM c JOIN x IN c.list', { partitionKey: 'join', maxItemCount: 2 }),
      [1, 2, 3, 4, 5],
    );
  });

  test('neither repeating nor missing rows when others come and go in between', async () => {
    const moving = (n: number) => ({ id: `m${String(n).padStart(2, '0')}`, tenantId: 'moving', n });
    for (let n = 10; n < 22; n++) await container.items.create(moving(n));
    const found = await pages(
      'SELECT VALUE c.n FROM c ORDER BY c.n',
      { partitionKey: 'moving', maxItemCount: 3 },
      async (page) => {
        await container.items.create(moving(page));
        if (page === 0) await container.item('m12', 'moving').delete();
        if (page === 1) await container.item('m16', 'moving').delete();
      },
    );
    assert.deepEqual(found, [10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21]);
  });
});

test('A token that is not of this query is refused', async () => {
  const read = (continuationToken: string) =>
    container.items.query('SELECT * FROM c ORDER BY c.n', { partitionKey: 'even', continuationToken }).fetchNext();
  assert.equal(await statusOf(read('rubbish')), 400);
  const first = await container.items.query('SELECT * FROM c', { partitionKey: 'even', maxItemCount: 1 }).fetchNext();
  assert.match(await messageOf(read(first.continuationToken)), /another query/);
});

describe('A query over all partitions', () => {
  const all = async (query: string | SqlQuerySpec, options: FeedOptions = {}) =>
    (await container.items.query(query, { maxItemCount: 4, ...options }).fetchAll()).resources;
  const numbered = 'WHERE IS_DEFINED(c.group)';

  test('without order goes on by continuation token', async () => {
    const found = await pages(`SELECT VALUE c.id FROM c ${numbered}`, {});
    assert.deepEqual(
      found,
      ITEMS.map((item) => item.id),
    );
  });

  test('is executed by the client through a query plan: ORDER BY, TOP, OFFSET, DISTINCT, aggregates, GROUP BY', async () => {
    assert.deepEqual(
      await all(`SELECT VALUE c.id FROM c ${numbered} ORDER BY c.n DESC`),
      sorted(
        () => true,
        (a, b) => b.n - a.n,
      ),
    );
    assert.deepEqual(
      await all('SELECT c.id, c.n FROM c WHERE c.group = 1 ORDER BY c.n'),
      ITEMS.filter((item) => item.group === 1).map(({ id, n }) => ({ id, n })),
    );
    assert.equal((await all(`SELECT * FROM c ${numbered} ORDER BY c.n`))[3].id, 'i3');
    assert.deepEqual(
      await all({
        query: 'SELECT TOP 3 VALUE c.id FROM c WHERE c.group = @g ORDER BY c.n',
        parameters: [{ name: '@g', value: 2 }],
      }),
      ['i2', 'i5', 'i8'],
    );
    assert.deepEqual(
      await all(`SELECT VALUE c.n FROM c ${numbered} ORDER BY c.n OFFSET 5 LIMIT 7`),
      [5, 6, 7, 8, 9, 10, 11],
    );
    // The client itself drops a DISTINCT value of 0, false or '' (it tests for truth), so objects are asked for.
    assert.deepEqual(await all(`SELECT DISTINCT c.group FROM c ${numbered}`), [
      { group: 0 },
      { group: 1 },
      { group: 2 },
    ]);
    assert.deepEqual(await all(`SELECT VALUE COUNT(1) FROM c ${numbered}`), [25]);
    assert.deepEqual(await all(`SELECT VALUE SUM(c.n) FROM c ${numbered}`), [300]);
    assert.deepEqual(await all(`SELECT VALUE AVG(c.n) FROM c ${numbered}`), [12]);
    assert.deepEqual(await all(`SELECT VALUE MAX(c.n) FROM c ${numbered}`), [24]);
    assert.deepEqual(await all(`SELECT VALUE MIN(c.id) FROM c ${numbered}`), ['i0']);
    assert.deepEqual(await all(`SELECT COUNT(1) AS n, MAX(c.n) AS most FROM c ${numbered}`), [{ n: 25, most: 24 }]);
    const groups = await all(`SELECT c.group, COUNT(1) AS n, AVG(c.n) AS mean FROM c ${numbered} GROUP BY c.group`);
    assert.deepEqual(groups, [
      { group: 0, n: 9, mean: 12 },
      { group: 1, n: 8, mean: 11.5 },
      { group: 2, n: 8, mean: 12.5 },
    ]);
  });

  test('with ORDER BY resumes from a token under enableQueryControl', async () => {
    for (const direction of ['ASC', 'DESC']) {
      const found = await pages(`SELECT VALUE c.id FROM c ${numbered} ORDER BY c.group ${direction}`, {
        enableQueryControl: true,
      });
      const sign = direction === 'ASC' ? 1 : -1;
      assert.deepEqual(
        found,
        sorted(
          () => true,
          (a, b) => sign * (a.group - b.group || a.n - b.n),
        ),
      );
    }
  });

  test('refuses what cannot be put together from partitions', async () => {
    assert.match(await messageOf(all('SELECT VALUE COUNT(1) + 1 FROM c')), /Compositions of aggregates/);
  });
});
