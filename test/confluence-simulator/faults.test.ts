import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, ids, startSimulator } from './setup.ts';

test('a status fault strikes so often as it should, after letting some pass', async (t) => {
  const simulator = await startSimulator(t);
  const { get } = await simulator.site();
  const answer = { status: 502, body: { message: 'no' }, headers: { 'x-why': 'test' } };
  await simulator.control('POST', '/faults', { match: { path: '/pages$', method: 'get' }, answer, skip: 1, count: 2 });
  const statuses: number[] = [];
  for (let call = 0; call < 5; call++) statuses.push((await get('/pages?limit=1')).status);
  assert.deepEqual(statuses, [200, 502, 502, 200, 200]);
  assert.equal((await get('/spaces')).status, 200);
});

test('faults match by method, cloudId, query and limit', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, get } = await simulator.site();
  const arm = (match: object) => simulator.control('POST', '/faults', { match, answer: { status: 503 } });
  const disarm = () => simulator.control('DELETE', '/faults');
  await arm({ query: { 'body-format': 'storage', limit: '^250$' } });
  assert.equal((await get('/pages?limit=250&body-format=storage')).status, 503);
  assert.equal((await get('/pages?limit=25&body-format=storage')).status, 200);
  await disarm();
  await arm({ limitAbove: 100 });
  assert.equal((await get('/pages?limit=101')).status, 503);
  assert.equal((await get('/pages?limit=100')).status, 200);
  await disarm();
  await arm({ cloudId: 'another' });
  assert.equal((await get('/pages')).status, 200);
  await arm({ cloudId });
  assert.equal((await get('/pages')).status, 503);
  await disarm();
  assert.equal((await get('/pages')).status, 200);
});

test('one page that cannot be read fails every list that holds it, and only those', async (t) => {
  const simulator = await startSimulator(t);
  const { get, read } = await simulator.site({ pages: 10 });
  const poison = at(ids((await read('/pages')).results), 4);
  const match = { path: '/pages', answerContains: `"id":"${poison}"` };
  await simulator.control('POST', '/faults', { match, answer: { status: 500 } });
  assert.equal((await get('/pages?limit=10')).status, 500);
  assert.equal((await get('/pages?limit=4')).status, 200);
  assert.equal((await get(`/pages?id=${poison}`)).status, 500);
});

test('connections can be cut, answers truncated, padded, HTML or late', async (t) => {
  const simulator = await startSimulator(t);
  const { get } = await simulator.site();
  const arm = (kind: string, rest = {}) =>
    simulator.control('POST', '/faults', { match: { path: '/pages' }, answer: { kind, ...rest }, count: 1 });
  await arm('reset');
  await assert.rejects(get('/pages'));
  await arm('truncated-json');
  await assert.rejects(get('/pages'));
  await arm('huge', { bytes: 300_000 });
  const huge = await get('/pages?limit=1');
  assert.equal(huge.text.length, 300_000);
  assert.equal(huge.json<{ results: unknown[] }>().results.length, 1, 'and still JSON');
  await arm('html', { status: 503 });
  const page = await get('/pages');
  assert.equal(page.status, 503);
  assert.match(page.headers.get('content-type') ?? '', /html/);
  await arm('slow', { delayMs: 30 });
  const startedAt = performance.now();
  await get('/pages');
  assert.ok(performance.now() - startedAt >= 29);
  await arm('timeout');
  const path = `${simulator.url}/ex/confluence/x/pages`;
  await assert.rejects(fetch(path, { signal: AbortSignal.timeout(50) }), /timeout/i);
  assert.equal((await get('/pages')).status, 200);
});

test('probability follows the seed', async (t) => {
  const simulator = await startSimulator(t);
  const { get } = await simulator.site();
  const round = async (seed: number) => {
    await simulator.control('POST', '/faults', { answer: { status: 500 }, probability: 0.5, seed });
    const statuses: number[] = [];
    for (let call = 0; call < 20; call++) statuses.push((await get('/spaces')).status);
    await simulator.control('DELETE', '/faults');
    return statuses.join();
  };
  const first = await round(1);
  assert.ok(first.includes('200') && first.includes('500'));
  assert.equal(await round(1), first);
  assert.notEqual(await round(2), first);
});

test('presets by name, with parts overridden', async (t) => {
  const simulator = await startSimulator(t);
  const { get } = await simulator.site();
  await simulator.control('POST', '/faults', { name: 'burst-429', answer: { retryAfter: 0 } });
  const burst = await get('/pages');
  assert.equal(burst.status, 429);
  assert.equal(burst.headers.get('ratelimit-reason'), 'confluence-burst-based');
  assert.equal(burst.headers.get('retry-after'), '0');
  assert.equal((await get('/pages')).status, 200);
  const unknown = await simulator.call('POST', '/_simulator/faults', { name: 'gremlins' });
  assert.equal(unknown.status, 400);
  assert.match(unknown.text, /must be one of truncated-listing/);
});

test('faults reach the token endpoint too, but never the control API', async (t) => {
  const simulator = await startSimulator(t);
  await simulator.control('POST', '/faults', { match: { path: '.' }, answer: { status: 503 } });
  assert.equal((await simulator.call('POST', '/oauth/token', {})).status, 503);
  assert.equal((await simulator.call('GET', '/_simulator/clock')).status, 200);
});

test('the log holds every request, its points and a hash of its token, never the token', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, tokens, get } = await simulator.site();
  await get('/pages?limit=2');
  await get('/spaces');
  interface Logged {
    id: number;
    path: string;
    query: string;
    status: number;
    points: number;
    cloudId: string;
    tokenHash: string;
  }
  const log = async (filter = '') =>
    (await simulator.control<{ requests: Logged[] }>('GET', `/requests${filter}`)).requests;
  const [first, second] = await log();
  assert.deepEqual([first?.query, first?.status, first?.points, first?.cloudId], ['limit=2', 200, 3, cloudId]);
  assert.equal(first?.tokenHash, second?.tokenHash);
  assert.ok(!JSON.stringify(await log()).includes(tokens.access_token));
  assert.deepEqual(
    (await log(`?since=${first?.id}`)).map((entry) => entry.id),
    [second?.id],
  );
  assert.equal((await log('?pathContains=/spaces')).length, 1);
  assert.equal((await log('?method=POST')).length, 0);
  interface Stats {
    requests: number;
    points: number;
    byPath: Record<string, { requests: number }>;
    byCloudId: Record<string, { points: number }>;
  }
  const stats = await simulator.control<Stats>('GET', '/stats');
  assert.deepEqual([stats.requests, stats.points, stats.byCloudId[cloudId]?.points], [2, 7, 7]);
  assert.equal(stats.byPath['GET /wiki/api/v2/pages']?.requests, 1);
  await simulator.control('DELETE', '/requests');
  await simulator.control('DELETE', '/stats');
  assert.deepEqual(await log(), []);
  assert.equal((await simulator.control<Stats>('GET', '/stats')).requests, 0);
});

test('latency is added per path and per object', async (t) => {
  const simulator = await startSimulator(t);
  const { get } = await simulator.site({ pages: 10 });
  await simulator.control('PUT', '/latency', { rules: [{ path: '/pages', ms: 10, perObjectMs: 3 }] });
  const startedAt = performance.now();
  await get('/pages?limit=10');
  assert.ok(performance.now() - startedAt >= 39);
});
