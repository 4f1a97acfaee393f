import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, ids, type Listing, startSimulator } from './setup.ts';

test('the next link is relative to the site, and neither way of gluing it to the base works', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, tokens, read, get } = await simulator.site({ name: 'acme', pages: 30 });
  const page = await read('/pages?limit=10&body-format=storage');
  const { next = '', base } = page._links;
  assert.equal(base, 'https://acme.atlassian.net/wiki');
  assert.ok(next.startsWith('/wiki/api/v2/pages?'), next);
  assert.ok(`${base}${next}`.includes('/wiki/wiki/'), 'gluing doubles /wiki');
  const answered = await get('/pages?limit=10&body-format=storage');
  const link = answered.headers.get('link') ?? '';
  assert.equal(link, `<${next}>; rel="next", <${base}>; rel="base"`);
  const lost = await simulator.call('GET', next, undefined, simulator.bearer(tokens));
  assert.equal(lost.status, 404, 'without the gateway’s prefix there is nothing');
  const parameters = [...new URLSearchParams(next.split('?')[1]).keys()];
  assert.notEqual(parameters.at(-1), 'cursor', 'the cursor is not the last parameter');
  const again = await simulator.call(
    'GET',
    `/ex/confluence/${cloudId}/wiki/api/v2/pages?limit=10&cursor=${encodeURIComponent(new URLSearchParams(next.split('?')[1]).get('cursor') ?? '')}`,
    undefined,
    simulator.bearer(tokens),
  );
  assert.equal(again.status, 200);
});

test('following the cursors gives every page once, in order, for every sort', async (t) => {
  const simulator = await startSimulator(t);
  const { read, readAll } = await simulator.site({ pages: 57, spaces: 4 });
  const all = (await read('/pages?limit=250')).results;
  assert.equal(all.length, 57);
  const keys: Record<string, (item: (typeof all)[number]) => string | number> = {
    id: (item) => Number(item.id),
    'created-date': (item) => item.createdAt,
    'modified-date': (item) => item.version.createdAt,
    title: (item) => item.title.toLowerCase(),
  };
  for (const [sort, key] of Object.entries(keys)) {
    for (const sign of ['', '-']) {
      const listed = await readAll(`/pages?limit=7&sort=${sign}${sort}`);
      assert.equal(new Set(ids(listed)).size, 57, `${sign}${sort}`);
      const values = listed.map(key);
      const sorted = [...values].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
      assert.deepEqual(values, sign ? sorted.reverse() : sorted, `${sign}${sort}`);
    }
  }
});

test('a limit over 250, a wrong sort, status, id or cursor is 400 in the v2 shape', async (t) => {
  const simulator = await startSimulator(t);
  const { get } = await simulator.site();
  const many = Array.from({ length: 251 }, (_, index) => index + 1).join(',');
  for (const query of [
    'limit=251',
    'limit=0',
    'limit=x',
    'sort=name',
    'status=draft',
    'status=current,unheard',
    'id=abc',
    'body-format=view',
    'cursor=nonsense',
    `id=${many}`,
    `space-id=${many.slice(0, 400)}`,
  ]) {
    const answered = await get(`/pages?${query}`);
    assert.equal(answered.status, 400, query);
    const [error] = answered.json<{ errors: { status: number; code: string; title: string }[] }>().errors;
    assert.equal(error?.status, 400);
    assert.equal(error?.code, 'INVALID_REQUEST_PARAMETER');
  }
  assert.equal((await get('/pages?unheard-of=1&expand=body')).status, 200, 'unknown parameters are ignored');
});

test('lists hold current and archived pages unless told otherwise, and never drafts', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, read } = await simulator.site({ pages: 10, archivedPages: 3, trashedPages: 2, spaces: 1 });
  const draft = await simulator.control<{ id: string }>('POST', `/sites/${cloudId}/pages`, {
    ...{ spaceKey: 'S1', title: 'Not yet', status: 'draft' },
  });
  const space = at((await read('/spaces')).results, 0).id;
  for (const path of ['/pages', `/spaces/${space}/pages`]) {
    assert.equal((await read(`${path}?limit=250`)).results.length, 13, path);
    assert.equal((await read(`${path}?limit=250&status=current`)).results.length, 10, path);
    assert.equal((await read(`${path}?limit=250&status=current,archived,trashed`)).results.length, 15, path);
    assert.equal(
      (await read(`${path}?status=trashed&status=archived`)).results.length,
      5,
      'repeated parameters work too',
    );
  }
  assert.equal((await read(`/pages?id=${draft.id}`)).results.length, 0);
  assert.equal((await read<{ status: string }>(`/pages/${draft.id}?get-draft=true`)).status, 'draft');
});

test('filters by id, space, title and subtype', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, read } = await simulator.site({ pages: 12, spaces: 3 });
  const all = (await read('/pages')).results;
  const [first, second] = [at(all, 0), at(all, 1)];
  assert.deepEqual(ids((await read(`/pages?id=${second.id},${first.id},999999999`)).results), [first.id, second.id]);
  const inSpaces = (await read(`/pages?space-id=${first.spaceId},${second.spaceId}`)).results;
  assert.equal(inSpaces.length, 8);
  assert.deepEqual(ids((await read(`/pages?title=${encodeURIComponent(first.title)}`)).results), [first.id]);
  assert.equal((await read('/pages?subtype=live')).results.length, 0);
  const live = { spaceKey: 'S1', title: 'Live', subtype: 'live' };
  await simulator.control('POST', `/sites/${cloudId}/pages`, live);
  assert.equal((await read('/pages?subtype=live')).results.length, 1);
  assert.equal((await read('/pages?subtype=page')).results.length, 12);
});

test('body is empty without body-format; both formats tell the same', async (t) => {
  const simulator = await startSimulator(t);
  const { read } = await simulator.site();
  assert.deepEqual(at((await read('/pages')).results, 0).body, {});
  const storage = at((await read('/pages?body-format=storage')).results, 0).body.storage?.value ?? '';
  const adf = at((await read('/pages?body-format=atlas_doc_format')).results, 0).body.atlas_doc_format?.value ?? '';
  const document = JSON.parse(adf) as { type: string; version: number };
  assert.equal(document.type, 'doc');
  const sentence = /<p>([A-Z][^<&]{10,40})/.exec(storage)?.[1] ?? '';
  assert.ok(adf.includes(sentence) && sentence !== '');
});

test('spaces: filters by key, id, type and status; personal keys begin with a tilde', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, read, get } = await simulator.site({
    spaces: 4,
    spaceTypes: ['global', 'personal', 'system', 'collaboration'],
  });
  const types = (await read('/spaces')).results.map((space) => space.type);
  assert.deepEqual(types, ['global', 'personal', 'system', 'collaboration']);
  const personal = at((await read('/spaces?type=personal')).results, 0);
  assert.ok(personal.key.startsWith('~'));
  assert.deepEqual(ids((await read(`/spaces?ids=${personal.id}`)).results), [personal.id]);
  assert.deepEqual(ids((await read(`/spaces?keys=${encodeURIComponent(personal.key)},nokey`)).results), [personal.id]);
  assert.equal((await get('/spaces?type=global,system')).status, 400, 'one type only');
  await simulator.control('POST', `/sites/${cloudId}/spaces/S1/archive`);
  assert.deepEqual(
    (await read('/spaces?status=archived')).results.map((space) => space.key),
    ['S1'],
  );
  await simulator.control('POST', `/sites/${cloudId}/spaces/S1/change-type`, { type: 'a_type_of_next_year' });
  assert.equal(at((await read('/spaces?keys=S1')).results, 0).type, 'a_type_of_next_year');
});

test('traps: short, truncated, empty, repeated, overlapping and unordered listings by fault', async (t) => {
  const simulator = await startSimulator(t);
  const { read, readAll } = await simulator.site({ pages: 20 });
  const arm = (name: string, rest = {}) => simulator.control('POST', '/faults', { name, ...rest });
  const disarm = () => simulator.control('DELETE', '/faults');
  const complete = ids(await readAll('/pages?limit=10'));

  await arm('short-page');
  const short = await read('/pages?limit=10');
  assert.equal(short.results.length, 6);
  assert.ok(short._links.next, 'a short page is not the end');
  await disarm();

  await arm('truncated-listing');
  const truncated = await read('/pages?limit=10');
  assert.equal(truncated._links.next, undefined);
  assert.equal(truncated.results.length, 10);
  await disarm();

  await arm('empty-next');
  const empty = await read('/pages?limit=10');
  assert.equal(empty.results.length, 0);
  assert.deepEqual(ids(await readAll(empty._links.next ?? '')), complete, 'the rest is still there');
  await disarm();

  await arm('repeated-cursor', { count: 2 });
  const first = await read('/pages?limit=10');
  const second = await read(first._links.next ?? '');
  assert.equal(second._links.next, first._links.next);
  await disarm();

  await arm('overlapping-pages');
  const overlapping = ids(await readAll('/pages?limit=10'));
  assert.equal(overlapping.length, 21);
  assert.equal(new Set(overlapping).size, 20);
  await disarm();

  await arm('unordered');
  assert.deepEqual(ids((await read('/pages?limit=20')).results), [...complete].reverse());
});

test('by switch some pages of a listing are short, and nothing is lost', async (t) => {
  const simulator = await startSimulator(t);
  const { read, readAll } = await simulator.site({ pages: 40 });
  await simulator.control('PATCH', '/switches', { listing: { shortPageShare: 1 } });
  assert.equal((await read('/pages?limit=10')).results.length, 6);
  assert.equal((await readAll('/pages?limit=10')).length, 40);
});

test('children and descendants are listed by level, folders among them', async (t) => {
  const simulator = await startSimulator(t);
  const { read, readAll } = await simulator.site({ pages: 60, spaces: 1, folders: 1 });
  const home = at((await read('/pages?sort=id')).results, 0);
  const children = (await read(`/pages/${home.id}/direct-children?limit=250`)).results;
  assert.ok(children.length > 0);
  type Child = { depth: number; parentId: string; id: string };
  const below = (await readAll(`/pages/${home.id}/descendants?depth=10&limit=20`)) as unknown as Child[];
  const shallow = (await read<Listing>(`/pages/${home.id}/descendants?limit=250`)).results as unknown as Child[];
  assert.equal(Math.max(...shallow.map((child) => child.depth)), 2, 'two levels by default');
  assert.deepEqual(
    below.map((child) => child.depth),
    below.map((child) => child.depth).sort(),
  );
  const seen = new Set([home.id]);
  for (const child of below) {
    assert.ok(seen.has(child.parentId), 'a parent comes before its children');
    seen.add(child.id);
  }
});
