import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { messageOf, startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const paths = ['/title', '/body'];
const container = await emulator.container({
  fullTextPolicy: { defaultLanguage: 'en-US', fullTextPaths: paths.map((path) => ({ path, language: 'en-US' })) },
  indexingPolicy: { includedPaths: [{ path: '/*' }], fullTextIndexes: paths.map((path) => ({ path })) },
});
const PAGES = [
  {
    id: 'vpn',
    title: 'Connecting to the VPN',
    body: 'Install the client, then connect. The tunnel needs a certificate.',
  },
  {
    id: 'printer',
    title: 'Printers',
    body: 'A printer that is not connecting needs its driver again. Connect it by cable.',
  },
  { id: 'lunch', title: 'Lunch menu', body: 'Soup on Monday, pasta on Tuesday.' },
  {
    id: 'cert',
    title: 'Certificates',
    body: 'Certificate certificate certificate: how to order one, and where the certificates are kept.',
  },
];
for (const page of PAGES) await container.items.create({ ...page, tenantId: 't' });
await container.items.create({ id: 'foreign', tenantId: 'u', title: 'VPN', body: 'VPN of another tenant' });

const run = async (query: string, values: Record<string, string> = {}, options = {}) => {
  const parameters = Object.entries(values).map(([name, value]) => ({ name: `@${name}`, value }));
  return (await container.items.query({ query, parameters }, options).fetchAll()).resources;
};
const found = async (where: string, values = {}) =>
  (await run(`SELECT VALUE c.id FROM c WHERE ${where}`, values, { partitionKey: 't' })).sort();

describe('Full-text search', () => {
  test('finds words by their stem, phrases, all or any of several', async () => {
    assert.deepEqual(await found("FullTextContains(c.body, 'connects')"), ['printer', 'vpn']);
    assert.deepEqual(await found("FullTextContains(c.body, 'install the client')"), ['vpn']);
    assert.deepEqual(await found("FullTextContains(c.body, 'client install')"), []);
    assert.deepEqual(await found("FullTextContainsAll(c.body, 'certificate', 'tunnel')"), ['vpn']);
    assert.deepEqual(await found("FullTextContainsAny(c.body, @a, 'soup')", { a: 'drivers' }), ['lunch', 'printer']);
    assert.deepEqual(await found("NOT FullTextContains(c.body, 'certificate')"), ['lunch', 'printer']);
  });

  test('takes operators in a phrase as words', async () => {
    assert.deepEqual(await found('FullTextContains(c.body, @p)', { p: 'soup" OR "certificate' }), []);
    assert.deepEqual(await found('FullTextContains(c.body, @p)', { p: 'title:NEAR(x)' }), []);
  });

  test('ranks by score, best first', async () => {
    const query =
      "SELECT TOP 10 c.id FROM c WHERE c.tenantId = @t ORDER BY RANK FullTextScore(c.body, 'certificate', 'soup')";
    const rows = await run(query, { t: 't' });
    assert.deepEqual(
      rows.slice(0, 3).map((row) => row.id),
      ['lunch', 'cert', 'vpn'],
    );
    assert.equal(rows.length, 4);
    assert.deepEqual(Object.keys(rows[0]), ['id']);
  });

  test('fuses two rankings with weights', async () => {
    const rank = (weights: string) =>
      run(
        `SELECT TOP 2 c.id FROM c WHERE c.tenantId = 't' AND (FullTextContainsAny(c.title, 'vpn', 'certificate') OR FullTextContains(c.body, 'certificate'))
         ORDER BY RANK RRF(FullTextScore(c.title, 'vpn'), FullTextScore(c.body, 'certificate')${weights})`,
      );
    assert.equal((await rank(', [5, 1]'))[0].id, 'vpn');
    assert.equal((await rank(', [1, 5]'))[0].id, 'cert');
    assert.equal((await rank('')).length, 2);
  });

  test('fills a page with the best rows that fit the other conditions, over several pages too', async () => {
    const ranked = (condition: string, top: number) =>
      `SELECT TOP ${top} c.id FROM c WHERE c.tenantId = @t AND ${condition} ORDER BY RANK FullTextScore(c.body, 'certificate', 'soup')`;
    const ids = async (condition: string, top: number, options = {}) =>
      (await run(ranked(condition, top), { t: 't' }, options)).map((row) => row.id);
    assert.deepEqual(await ids("c.id != 'lunch'", 1), ['cert']);
    assert.deepEqual(await ids("c.id != 'cert'", 2), ['lunch', 'vpn']);
    assert.deepEqual(await ids("NOT FullTextContains(c.title, 'vpn')", 3), ['lunch', 'cert', 'printer']);
    assert.deepEqual(await ids("c.id != 'cert'", 3, { maxItemCount: 1 }), ['lunch', 'vpn', 'printer']);
  });

  test('skips and takes ranked rows', async () => {
    const query =
      "SELECT c.id FROM c WHERE FullTextContains(c.body, 'certificate') ORDER BY RANK FullTextScore(c.body, 'certificate') OFFSET 1 LIMIT 1";
    assert.deepEqual(await run(query), [{ id: 'vpn' }]);
  });

  test('follows every write of the text in the same transaction', async () => {
    const has = async (word: string) => (await found('FullTextContains(c.body, @w)', { w: word })).includes('moving');
    await container.items.create({ id: 'moving', tenantId: 't', body: 'first' });
    assert.equal(await has('first'), true);
    await container.item('moving', 't').patch([{ op: 'set', path: '/body', value: 'second' }]);
    assert.deepEqual([await has('first'), await has('second')], [false, true]);
    await container.items.upsert({ id: 'moving', tenantId: 't', body: 3 });
    assert.equal(await has('second'), false);
    await container.items.batch(
      [
        { operationType: 'Upsert', resourceBody: { id: 'moving', tenantId: 't', body: 'third' } },
        { operationType: 'Delete', id: 'nobody' },
      ],
      't',
    );
    assert.equal(await has('third'), false);
    await container.item('moving', 't').delete();
  });

  test('is refused on a path without a policy, outside RANK, or with a partition key that WHERE does not repeat', async () => {
    assert.match(await messageOf(found("FullTextContains(c.other, 'x')")), /no full-text policy/);
    assert.equal(await statusOf(found("FullTextContains(c.other, 'x')")), 400);
    assert.match(await messageOf(run("SELECT FullTextScore(c.body, 'x') FROM c")), /only be used in ORDER BY RANK/);
    const ranked = "SELECT TOP 5 c.id FROM c ORDER BY RANK FullTextScore(c.body, 'vpn')";
    assert.match(await messageOf(run(ranked, {}, { partitionKey: 't' })), /without the key/);
    const pinned = "SELECT TOP 5 c.id FROM c WHERE c.tenantId = 't' ORDER BY RANK FullTextScore(c.body, 'vpn')";
    assert.equal(
      (await run(pinned, {}, { partitionKey: 't' })).some((row) => row.id === 'foreign'),
      false,
    );
  });

  test('covers the items that a container had before the policy', async () => {
    const late = await emulator.container();
    await late.items.create({ id: 'a', tenantId: 't', body: 'early bird' });
    const { resource } = await late.read();
    await late.replace({
      ...resource,
      id: late.id,
      fullTextPolicy: { defaultLanguage: 'en-US', fullTextPaths: [{ path: '/body', language: 'en-US' }] },
      indexingPolicy: { ...resource?.indexingPolicy, fullTextIndexes: [{ path: '/body' }] },
    });
    const { resources } = await late.items
      .query("SELECT VALUE c.id FROM c WHERE FullTextContains(c.body, 'birds')")
      .fetchAll();
    assert.deepEqual(resources, ['a']);
  });
});
