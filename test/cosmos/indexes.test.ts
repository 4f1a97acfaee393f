import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { execute } from '../../local/cosmos/items.ts';
import type { Json } from '../../local/cosmos/json.ts';
import { runQuery } from '../../local/cosmos/query.ts';
import { type Row, Store } from '../../local/cosmos/store.ts';

/** A store that remembers the statements it has run. */
class WatchedStore extends Store {
  readonly seen: { sql: string; bindings: Row }[] = [];

  override all(sql: string, bindings: Row = {}): Row[] {
    this.seen.push({ sql, bindings });
    return super.all(sql, bindings);
  }
}

const store = new WatchedStore(undefined);
after(() => store.close());
store.createDatabase('d');
const container = store.createContainer('d', {
  id: 'c',
  partitionKey: { paths: ['/tenantId'] },
  defaultTtl: -1,
  indexingPolicy: {
    includedPaths: [{ path: '/*' }],
    excludedPaths: [{ path: '/body/?' }],
    compositeIndexes: [
      [
        { path: '/type', order: 'ascending' },
        { path: '/sortId', order: 'ascending' },
      ],
      [
        { path: '/n', order: 'ascending' },
        { path: '/sortId', order: 'descending' },
      ],
    ],
  },
});
for (let n = 0; n < 1200; n++) {
  const tenantId = `t${n % 3}`;
  const sortId = String(n).padStart(6, '0');
  const body = {
    id: `${n}`,
    tenantId,
    type: n % 10 ? 'page' : 'space',
    sortId,
    n: n % 7,
    due: n,
    deep: { x: n % 5 },
    body: 'text',
  };
  execute(store, container, { type: 'create', id: undefined, partitionKey: JSON.stringify(tenantId), body });
}

/** The steps of SQLite's plan for the last page of a query, read page by page. */
function plan(text: string, values: Record<string, Json> = {}, partitionKey?: string, pages = 2): string {
  const parameters = new Map(Object.entries(values));
  let continuation: string | undefined;
  for (let page = 0; page < pages; page++) {
    const spec = { text, parameters };
    ({ continuation } = runQuery(store, container, {
      spec,
      partitionKey,
      physicalPartition: true,
      continuation,
      maxItems: 5,
    }));
    if (continuation === undefined && page < pages - 1) assert.fail('the query ended before its last page');
  }
  const last = store.seen.at(-1);
  const steps = store.all(`EXPLAIN QUERY PLAN ${last?.sql}`, last?.bindings);
  return steps.map((step) => step.detail).join('; ');
}

const columns = (detail: string) => /\((.*)\)$/.exec(detail)?.[1] ?? detail;

describe('SQLite searches an index, and sorts nothing, for', () => {
  test('a point read', () => {
    execute(store, container, { type: 'read', id: '3', partitionKey: '"t0"' });
    const [step] = store.all('EXPLAIN QUERY PLAN SELECT json(doc) FROM docs_1 WHERE pk = $pk AND id = $id', {
      pk: '"t0"',
      id: '3',
    });
    assert.equal(columns(String(step?.detail)), 'pk=? AND id=?');
  });

  const cases: [title: string, query: string, values?: Record<string, Json>, partitionKey?: string][] = [
    [
      'a range in a partition, ordered',
      'SELECT * FROM c WHERE c.tenantId = @t AND c.sortId > @x ORDER BY c.sortId',
      { '@t': 't1', '@x': '000100' },
    ],
    [
      'the same with the key in the request',
      'SELECT * FROM c WHERE c.sortId > @x ORDER BY c.sortId',
      { '@x': '000100' },
      '"t1"',
    ],
    [
      'a range backwards',
      'SELECT * FROM c WHERE c.sortId < @x AND c.sortId > "000010" ORDER BY c.sortId DESC',
      { '@x': '001000' },
      '"t1"',
    ],
    ['a type in a partition', "SELECT * FROM c WHERE c.tenantId = 't1' AND c.type = 'space'", {}],
    [
      'a type and a range',
      "SELECT * FROM c WHERE c.tenantId = 't1' AND c.type = 'page' AND c.sortId > '000100' ORDER BY c.sortId",
      {},
    ],
    ['a composite order', 'SELECT * FROM c ORDER BY c.n ASC, c.sortId DESC', {}, '"t1"'],
    ['a nested property', 'SELECT * FROM c WHERE c.deep.x = 3', {}, '"t2"'],
    ['a range over all partitions', "SELECT c.id FROM c WHERE c.type = 'page' AND c.due <= 1000 ORDER BY c.due", {}],
    ['all of a partition', 'SELECT * FROM c', {}, '"t1"'],
  ];
  for (const [title, query, values, partitionKey] of cases) {
    test(title, () => {
      for (const pages of [1, 3]) {
        const steps = plan(query, values, partitionKey, pages);
        assert.match(steps, /^SEARCH d USING INDEX/, steps);
        if (!title.includes('composite')) assert.doesNotMatch(steps, /TEMP B-TREE/, steps);
        assert.match(steps, partitionKey !== undefined || query.includes('tenantId') ? /\(pk=\?/ : /\(<expr>/, steps);
      }
    });
  }

  test('a later page, from where the page before ended', () => {
    const steps = plan(
      "SELECT * FROM c WHERE c.sortId > '000100' AND c.sortId < '000900' ORDER BY c.sortId",
      {},
      '"t1"',
      4,
    );
    assert.match(steps, /pk=\? AND <expr>=\? AND .*>/);
  });
});

test('A property that the policy excludes is scanned inside the partition and cannot be ordered by', () => {
  const before = container.indexes.size;
  plan("SELECT * FROM c WHERE c.body = 'text'", {}, '"t1"');
  assert.equal(container.indexes.size, before);
  assert.throws(() => plan('SELECT * FROM c ORDER BY c.body', {}, '"t1"'), /excluded/);
});
