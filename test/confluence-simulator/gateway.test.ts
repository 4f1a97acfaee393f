import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, at, ids, startSimulator } from './setup.ts';

const EXPIRED = { advanceMs: 3_600_001 };

test('a missing, unknown or expired token is 401 in the gateway’s shape', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, tokens, get } = await simulator.site();
  const path = `/ex/confluence/${cloudId}/wiki/api/v2/pages`;
  assert.deepEqual((await simulator.call('GET', path)).json(), { code: 401, message: 'Unauthorized' });
  assert.equal((await simulator.call('GET', path, undefined, { authorization: 'Bearer x' })).status, 401);
  assert.equal((await get('/pages')).status, 200);
  await simulator.control('POST', '/clock', EXPIRED);
  assert.equal((await get('/pages')).status, 401);
  assert.equal((await simulator.call('GET', '/me', undefined, simulator.bearer(tokens))).status, 401);
});

test('by switch an expired token answers 404 on v2 and 403 on v1', async (t) => {
  const simulator = await startSimulator(t);
  const { get } = await simulator.site();
  await simulator.control('PATCH', '/switches', { tokens: { expiredAnswer: 'odd' } });
  await simulator.control('POST', '/clock', EXPIRED);
  const v2 = await get('/pages');
  assert.equal(v2.status, 404);
  assert.equal(at(v2.json<{ errors: { code: string }[] }>().errors, 0).code, 'NOT_FOUND');
  assert.equal((await get('/wiki/rest/api/search?cql=type=page')).status, 403);
});

test('each call wants its scope, and the refusal does not say which', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId } = await simulator.site();
  const routes: [scope: string, path: string][] = [
    ['read:space:confluence', '/spaces'],
    ['read:page:confluence', '/pages'],
    ['read:page:confluence', '/blogposts'],
    ['read:label:confluence', '/labels'],
    ['read:attachment:confluence', '/attachments'],
    ['read:content-details:confluence', '/wiki/rest/api/search?cql=type=page'],
    ['search:confluence', '/wiki/rest/api/search?cql=type=page'],
  ];
  for (const [scope, path] of routes) {
    const allowed = await simulator.grant([cloudId], { scopes: [scope] });
    assert.equal((await simulator.reader(cloudId, allowed).get(path)).status, 200, `${path} with ${scope}`);
    const refused = await simulator.grant([cloudId], { scopes: ['read:me'] });
    const answered = await simulator.reader(cloudId, refused).get(path);
    assert.equal(answered.status, 401);
    assert.deepEqual(answered.json(), { code: 401, message: 'Unauthorized; scope does not match' });
  }
  const page = at((await simulator.reader(cloudId, await simulator.grant([cloudId])).read('/pages')).results, 0);
  const answered = await simulator.reader(cloudId, await simulator.grant([cloudId])).get(`/pages/${page.id}/ancestors`);
  assert.equal(answered.status, 401, 'ancestors need a scope that the app does not have');
});

test('a site that was not granted is 403, a removed or unknown one 404', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, tokens, get } = await simulator.site();
  const other = await simulator.createSite({ name: 'other', pages: 1 });
  assert.equal((await simulator.reader(other, tokens).get('/pages')).status, 403);
  assert.equal((await simulator.reader('00000000-0000-4000-8000-000000000000', tokens).get('/pages')).status, 404);
  await simulator.control('DELETE', `/sites/${cloudId}`);
  assert.equal((await get('/pages')).status, 404);
  const resources = await simulator.call(
    'GET',
    '/oauth/token/accessible-resources',
    undefined,
    simulator.bearer(tokens),
  );
  assert.deepEqual(resources.json(), []);
  await simulator.control('POST', `/sites/${cloudId}/return`);
  assert.equal((await get('/pages')).status, 200);
});

test('lost product access is 403 on every route', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, get } = await simulator.site();
  await simulator.control('PUT', '/access', { accountId: admin.accountId, cloudId, confluence: false });
  for (const path of ['/pages', '/spaces', '/wiki/rest/api/search?cql=type=page']) {
    const answered = await get(path);
    assert.equal(answered.status, 403);
    assert.match(answered.text, /Current user not permitted to use Confluence/);
  }
});

test('a space blocked for apps hides its pages and says so in a header', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, get, read } = await simulator.site({ spaces: 2 });
  const page = at((await read('/pages')).results, 0);
  const space = await read<{ key: string }>(`/spaces/${page.spaceId}`);
  await simulator.control('POST', `/sites/${cloudId}/spaces/${space.key}/block`);
  const single = await get(`/pages/${page.id}`);
  assert.equal(single.status, 403);
  assert.equal(single.headers.get('atlassian-datasecuritypolicy'), 'app_access_blocked');
  const list = await get('/pages');
  assert.equal(list.headers.get('atlassian-datasecuritypolicy'), 'app_access_blocked');
  assert.ok(!ids(list.json<{ results: { id: string }[] }>().results as never).includes(page.id));
});

test('a restricted page and all below it answer 404 to others, like a page that does not exist', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, get, read } = await simulator.site({ pages: 20, spaces: 1 });
  const home = at((await read('/pages')).results, 0);
  const child = at((await read(`/pages/${home.id}/direct-children`)).results, 0);
  const act = (action: string, body = {}) =>
    simulator.control('POST', `/sites/${cloudId}/pages/${home.id}/${action}`, body);
  await act('restrict', { accountIds: ['somebody-else'] });
  assert.equal((await get(`/pages/${home.id}`)).status, 404);
  assert.equal((await get(`/pages/${child.id}`)).status, 404, 'restrictions are inherited');
  assert.equal((await read('/pages')).results.length, 0, 'everything is below the home page');
  assert.deepEqual((await read<{ totalSize: number }>('/wiki/rest/api/search?cql=type=page')).totalSize, 0);
  await act('restrict', { accountIds: [admin.accountId] });
  assert.equal((await get(`/pages/${child.id}`)).status, 200);
  await act('unrestrict');
  assert.equal((await read('/pages')).results.length, 20);
});

test('a hidden space is gone from every answer', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, get, read } = await simulator.site({ spaces: 2 });
  const space = at((await read('/spaces')).results, 0);
  await simulator.control('POST', `/sites/${cloudId}/spaces/${space.key}/hide`);
  assert.equal((await get(`/spaces/${space.id}`)).status, 404);
  assert.equal((await get(`/spaces/${space.id}/pages`)).status, 404);
  assert.equal((await read('/pages?limit=250')).results.filter((page) => page.spaceId === space.id).length, 0);
  await simulator.control('POST', `/sites/${cloudId}/spaces/${space.key}/unhide`);
  assert.equal((await get(`/spaces/${space.id}`)).status, 200);
});

test('removed v1 routes answer 410, unknown ones 404, writes 403 and are counted', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, tokens, get } = await simulator.site();
  for (const path of [
    'content',
    'content/123',
    'content/123/child/page',
    'content/search?cql=type=page',
    'space',
    'label',
  ]) {
    assert.equal((await get(`/wiki/rest/api/${path}`)).status, 410, path);
  }
  assert.equal((await get('/wiki/rest/api/unheard-of')).status, 404);
  assert.equal((await get('/unheard-of')).status, 404);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const path = `/ex/confluence/${cloudId}/wiki/api/v2/pages/1`;
    assert.equal((await simulator.call(method, path, {}, simulator.bearer(tokens))).status, 403);
  }
  assert.equal((await simulator.control<{ writes: number }>('GET', '/stats')).writes, 4);
});

test('a 3LO token does not work on the site’s own host, where people see pages', async (t) => {
  const simulator = await startSimulator(t);
  const { tokens, read } = await simulator.site();
  const api = await simulator.call('GET', '/site/wiki/wiki/api/v2/pages', undefined, simulator.bearer(tokens));
  assert.equal(api.status, 401);
  const page = at((await read('/pages')).results, 0);
  const shown = await simulator.call('GET', `/site/wiki/wiki${page._links.webui}`);
  assert.equal(shown.status, 200);
  assert.ok(shown.text.includes(page.title.replaceAll("'", '&#39;')));
});
