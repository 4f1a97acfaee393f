import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { messageOf, startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const container = await emulator.container();
const ITEMS = [
  {
    id: '1',
    tenantId: 't',
    n: 1,
    s: 'Alpha',
    tags: ['red', 'green'],
    o: { a: 1, b: { c: 'deep' } },
    flag: true,
    mixed: 1,
  },
  { id: '2', tenantId: 't', n: 2.5, s: 'beta', tags: ['green'], o: { a: 2 }, flag: false, mixed: '1' },
  { id: '3', tenantId: 't', n: -3, s: 'ÄÖÜ', tags: [], nothing: null, mixed: true },
  {
    id: '4',
    tenantId: 't',
    s: 'a%b_c',
    tags: 'none',
    mixed: null,
    list: [{ k: 'x', v: 1, w: 2 }, { k: 'y' }],
    'odd key': 1,
  },
];
for (const item of ITEMS) await container.items.create(item);

const run = async (query: string, values: Record<string, unknown> = {}) => {
  const parameters = Object.entries(values).map(([name, value]) => ({ name: `@${name}`, value: value as string }));
  return (await container.items.query({ query, parameters }, { partitionKey: 't' }).fetchAll()).resources;
};
const ids = async (where: string, values: Record<string, unknown> = {}) =>
  (await run(`SELECT VALUE c.id FROM c WHERE ${where}`, values)).join('');
/** One expression's value over item 1; `undefined` if it has none. */
const value = async (expression: string, values: Record<string, unknown> = {}) =>
  (await run(`SELECT ${expression} AS v FROM c WHERE c.id = '1'`, values))[0].v;

describe('A condition', () => {
  const cases: [where: string, ids: string, values?: Record<string, unknown>][] = [
    ['c.n = 1', '1'],
    ['c.n != 1', '23'],
    ['c.n <> 1', '23'],
    ['c.n >= 1 AND c.n < 3', '12'],
    ['NOT c.n = 1', '23'],
    ['1 < c.n', '2'],
    ['c.n BETWEEN -3 AND 1', '13'],
    ['c.n NOT BETWEEN -3 AND 1', '2'],
    ["c.s IN ('Alpha', 'beta')", '12'],
    ["c.s NOT IN ('Alpha', 'beta')", '34'],
    ["c.id IN ('4', @id, 3)", '14', { id: '1' }],
    ['c.flag', '1'],
    ['c.flag = true', '1'],
    ['NOT c.flag', '2'],
    ['c.flag != true', '2'],
    ['c.o.b.c = "deep"', '1'],
    ['c["o"]["b"].c = @v', '1', { v: 'deep' }],
    ['c[@p].a = 2', '2', { p: 'o' }],
    ["c['odd key'] = 1", '4'],
    ["c.tags[0] = 'green'", '2'],
    ['c.list[1].k = "y"', '4'],
    ['c.nothing = null', '3'],
    ['c.nothing != null', ''],
    ['IS_NULL(c.nothing)', '3'],
    ['IS_DEFINED(c.n)', '123'],
    ['NOT IS_DEFINED(c.n)', '4'],
    ['IS_STRING(c.mixed)', '2'],
    ['IS_NUMBER(c.mixed)', '1'],
    ['IS_BOOL(c.mixed)', '3'],
    ['IS_ARRAY(c.tags)', '123'],
    ['IS_OBJECT(c.o)', '12'],
    ["STARTSWITH(c.s, 'a')", '4'],
    ["STARTSWITH(c.s, 'a', true)", '14'],
    ["STARTSWITH(c.s, 'ä', true)", '3'],
    ["ENDSWITH(c.s, 'A', true)", '12'],
    ["ENDSWITH(c.s, 'ta')", '2'],
    ["CONTAINS(c.s, 'et')", '2'],
    ["CONTAINS(c.s, 'öü', true)", '3'],
    ["NOT CONTAINS(c.s, 'et')", '134'],
    ["STRINGEQUALS(c.s, 'ALPHA', true)", '1'],
    ["c.s LIKE '%a'", '12'],
    ["c.s LIKE '_eta'", '2'],
    ["c.s LIKE 'a!%b!_c' ESCAPE '!'", '4'],
    ["c.s NOT LIKE '%a'", '34'],
    ["ARRAY_CONTAINS(c.tags, 'green')", '12'],
    ["NOT ARRAY_CONTAINS(c.tags, 'green')", '3'],
    ['ARRAY_CONTAINS(@ids, c.id)', '13', { ids: ['1', '3', 'x'] }],
    ['ARRAY_CONTAINS(@ids, c.mixed)', '134', { ids: [1, true, null] }],
    ["ARRAY_CONTAINS(c.list, {'k': 'x'})", ''],
    ["ARRAY_CONTAINS(c.list, {'k': 'x'}, true)", '4'],
    ["ARRAY_CONTAINS(c.list, {'w': 2, 'v': 1, 'k': 'x'})", '4'],
    ["EXISTS(SELECT VALUE x FROM x IN c.tags WHERE x = 'red')", '1'],
    ["EXISTS(SELECT VALUE x FROM x IN c.list WHERE x.v >= 1 AND x.k = 'x')", '4'],
    ['ARRAY_LENGTH(c.tags) = 1', '2'],
    ["c.o = {'a': 2}", '2'],
    ["c.tags = ['red', 'green']", '1'],
    ['c.n + 1 = 2', '1'],
    ['(c.n ?? 9) = 9', '4'],
    ['c.n = 1 OR c.n = 2.5', '12'],
    ['LENGTH(c.s) = 5 AND LOWER(c.s) = "alpha"', '1'],
  ];
  for (const [where, expected, values] of cases) {
    test(`${where} finds ${expected || 'nothing'}`, async () => assert.equal(await ids(where, values), expected));
  }

  test('that compares different types, or with undefined, is never true, also when it is negated', async () => {
    assert.equal(await ids('c.mixed = 1'), '1');
    assert.equal(await ids("c.mixed = '1'"), '2');
    assert.equal(await ids('c.mixed > 0'), '1');
    assert.equal(await ids('NOT (c.mixed > 5)'), '1');
    assert.equal(await ids('NOT (c.mixed = 5)'), '1');
    assert.equal(await ids('NOT (c.missing = 1)'), '');
    assert.equal(await ids('c.missing = 1 OR c.n = 1'), '1');
    assert.equal(await ids('c.mixed = c.n'), '1');
    assert.equal(await ids('c.missing = c.missing'), '');
    assert.equal(await ids('c.o > {}'), '');
  });

  test('takes hostile text in values as text', async () => {
    assert.equal(await ids('c.s = @s', { s: "' OR 1=1 --" }), '');
    assert.equal(await ids("c.s = 'it\\'s \\u0041 \"quoted\"'"), '');
    assert.equal(await ids('c["o\'); DROP TABLE docs_1; --"] = 1'), '');
    assert.equal(await ids('true'), '1234');
  });
});

describe('An expression', () => {
  const cases: [string, unknown, Record<string, unknown>?][] = [
    ['c.n', 1],
    ['c.missing', undefined],
    ['c.n / 2', 0.5],
    ['7 % 2', 1],
    ['-c.n', -1],
    ['c.n + c.s', undefined],
    ["c.s || '!'", 'Alpha!'],
    ['c.n = 1', true],
    ['c.n > 1', false],
    ['c.n > "a"', undefined],
    ['c.flag ? "yes" : "no"', 'yes'],
    ['c.missing ?? c.n', 1],
    ['UPPER(c.s)', 'ALPHA'],
    ['SUBSTRING(c.s, 1, 3)', 'lph'],
    ["CONCAT(c.s, '-', c.id)", 'Alpha-1'],
    ['CONCAT(c.s, c.n)', undefined],
    ['LEFT(c.s, 2)', 'Al'],
    ['RIGHT(c.s, 2)', 'ha'],
    ["INDEX_OF(c.s, 'z')", -1],
    ["REPLACE(c.s, 'a', 'o')", 'Alpho'],
    ['[c.n, c.missing, {"x": c.o.b}]', [1, { x: { c: 'deep' } }]],
    ["{'a': c.n, 'b': c.missing, 'c': null}", { a: 1, c: null }],
    ['@v', { deep: [1] }, { v: { deep: [1] } }],
    ['c.tags', ['red', 'green']],
    ['c.flag', true],
    ['LENGTH(c.n)', undefined],
  ];
  for (const [expression, expected, values] of cases) {
    test(`${expression} is ${JSON.stringify(expected)}`, async () => {
      assert.deepEqual(await value(expression, values), expected);
    });
  }
});

describe('A SELECT clause', () => {
  test('names what has no alias as the service does', async () => {
    const [row] = await run("SELECT c.id, c.o.a, c.n + 1, c.s AS title, 'x' FROM c WHERE c.id = '1'");
    assert.deepEqual(row, { id: '1', a: 1, $3: 2, title: 'Alpha', $5: 'x' });
  });

  test('VALUE leaves out what is undefined', async () => {
    assert.deepEqual(await run('SELECT VALUE c.n FROM c'), [1, 2.5, -3]);
    assert.deepEqual(await run('SELECT TOP 1 VALUE c.nothing FROM c'), [null]);
  });

  test('DISTINCT gives each value once', async () => {
    const tags = await run('SELECT DISTINCT VALUE x FROM c JOIN x IN c.tags');
    assert.deepEqual(tags.sort(), ['green', 'red']);
  });

  test('joins an item with the elements of its array', async () => {
    const rows = await run('SELECT c.id, x AS tag FROM c JOIN x IN c.tags');
    assert.deepEqual(rows, [
      { id: '1', tag: 'red' },
      { id: '1', tag: 'green' },
      { id: '2', tag: 'green' },
    ]);
    assert.deepEqual(await run("SELECT VALUE x FROM c JOIN x IN c.list WHERE x.k = 'y'"), [{ k: 'y' }]);
  });
});

describe('Aggregates', () => {
  test('count, sum, average and find extremes of defined values', async () => {
    const one = async (expression: string) => (await run(`SELECT VALUE ${expression} FROM c`))[0];
    assert.equal(await one('COUNT(1)'), 4);
    assert.equal(await one('COUNT(c.n)'), 3);
    assert.equal(await one('SUM(c.n)'), 0.5);
    assert.equal(await one('MIN(c.n)'), -3);
    assert.equal(await one('MAX(c.s)'), 'ÄÖÜ');
    assert.ok(Math.abs((await one('AVG(c.n)')) - 0.5 / 3) < 1e-9);
    assert.equal(await one('SUM(c.s)'), undefined);
    assert.deepEqual(await run("SELECT COUNT(1) AS n, MAX(c.n) AS most FROM c WHERE c.id != '2'"), [{ n: 3, most: 1 }]);
  });

  test('group by values of any type', async () => {
    const rows = await run('SELECT IS_DEFINED(c.n) AS has, COUNT(1) AS n FROM c GROUP BY IS_DEFINED(c.n)');
    assert.deepEqual(
      new Set(rows.map((row) => JSON.stringify(row))),
      new Set(['{"has":true,"n":3}', '{"has":false,"n":1}']),
    );
    const mixed = await run('SELECT c.mixed, COUNT(1) AS n FROM c GROUP BY c.mixed');
    assert.equal(mixed.length, 4);
  });
});

describe('ORDER BY', () => {
  test('sorts across types and leaves out what is undefined', async () => {
    assert.deepEqual(await run('SELECT VALUE c.mixed FROM c ORDER BY c.mixed'), [null, true, 1, '1']);
    assert.deepEqual(await run('SELECT VALUE c.mixed FROM c ORDER BY c.mixed DESC'), ['1', 1, true, null]);
    assert.deepEqual(await run('SELECT VALUE c.id FROM c ORDER BY c.n'), ['3', '1', '2']);
  });

  test('with OFFSET and LIMIT or TOP cuts the sorted rows', async () => {
    assert.deepEqual(await run('SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 1 LIMIT 2'), ['2', '3']);
    assert.deepEqual(await run('SELECT TOP @n VALUE c.id FROM c ORDER BY c.id DESC', { n: 2 }), ['4', '3']);
  });

  test('by several properties needs a composite index', async () => {
    assert.match(await messageOf(run('SELECT * FROM c ORDER BY c.n, c.s')), /composite index/);
  });
});

describe('What the emulator does not do', () => {
  const cases: [string, RegExp][] = [
    ['SELECT * FROM c WHERE', /incorrect syntax near 'the end of the query'/],
    ['SELECT * FROM c WHERE c.n ==1', /offset 27/],
    ['SELECT FROM c', /near 'FROM'/],
    ["SELECT * FROM c WHERE c.s = 'open", /not closed/],
    ['SELECT * FROM c WHERE ST_DISTANCE(c.a, c.b) < 1', /ST_DISTANCE at offset 22 is not supported/],
    ['SELECT * FROM c WHERE udf.f(c.a)', /user-defined function/],
    ['SELECT * FROM c WHERE c.n = (SELECT VALUE 1)', /scalar subquery/i],
    ['SELECT * FROM c WHERE x.n = 1', /Identifier 'x'/],
    ['SELECT * FROM c WHERE c.n = @missing', /@missing/],
    ['SELECT c.id, COUNT(1) FROM c', /neither aggregated nor in GROUP BY/],
    ['SELECT * FROM c WHERE COUNT(1) > 1', /COUNT/],
    ['SELECT c.id AS a, c.n AS a FROM c', /named 'a'/],
    ['SELECT * FROM c JOIN x IN c.tags', /single input set/],
    ['SELECT * FROM c WHERE LOWER(c.a, c.b) = 1', /takes 1 arguments/],
    ['SELECT TOP 1.5 * FROM c', /whole number/],
    ['SELECT * FROM c ORDER BY c.n + 1', /Unsupported ORDER BY clause at offset 25/],
    ['SELECT VALUE x FROM c JOIN x IN c.tags ORDER BY x', /Unsupported ORDER BY/],
    ['DELETE FROM c', /expected SELECT/],
  ];
  for (const [query, message] of cases) {
    test(`is refused with 400: ${query}`, async () => {
      assert.equal(await statusOf(run(query)), 400);
      assert.match(await messageOf(run(query)), message);
    });
  }
});
