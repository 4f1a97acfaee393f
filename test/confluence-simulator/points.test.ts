import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, at, startSimulator, type TestSimulator } from './setup.ts';

const remaining = (headers: Headers) => Number(headers.get('x-ratelimit-remaining'));

async function spentBy(simulator: TestSimulator, work: () => Promise<unknown>): Promise<number> {
  const points = async () => (await simulator.control<{ points: number }>('GET', '/stats')).points;
  const before = await points();
  await work();
  return (await points()) - before;
}

test('a call costs one point, one for each object and two for each identity', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, tokens, read } = await simulator.site({
    pages: 300,
    spaces: 3,
    labels: 7,
    attachments: 9,
    users: 5,
  });
  const page = at((await read('/pages?sort=id')).results, 0);
  const cost = (path: string) => spentBy(simulator, () => read(path));
  assert.equal(await cost('/pages?limit=250'), 251);
  assert.equal(await cost('/pages?limit=250&body-format=storage'), 251);
  assert.equal(await cost('/pages?limit=1'), 2);
  assert.equal(await cost('/pages?title=no-such-title'), 1);
  assert.equal(await cost('/spaces'), 4);
  assert.equal(await cost('/labels'), 8);
  assert.equal(await cost('/attachments'), 10);
  assert.equal(await cost(`/pages/${page.id}`), 2);
  assert.equal(await cost(`/wiki/rest/api/search?cql=type=page&limit=1`), 2);
  const people = { accountIds: [page.authorId, admin.accountId, 'nobody-with-this-id'] };
  const users = () =>
    simulator.call('POST', `/ex/confluence/${cloudId}/wiki/api/v2/users-bulk`, people, simulator.bearer(tokens));
  assert.equal(await spentBy(simulator, users), 5);
  const authorised = simulator.bearer(tokens);
  const others = () =>
    Promise.all(
      ['/me', '/oauth/token/accessible-resources'].map((path) => simulator.call('GET', path, undefined, authorised)),
    );
  assert.equal(await spentBy(simulator, others), 0, 'what is not Confluence costs nothing');
});

test('every gateway answer carries the headers of the quota, NearLimit under a fifth of it', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, get } = await simulator.site();
  const { headers } = await get('/pages?limit=1');
  assert.equal(headers.get('x-ratelimit-limit'), '65000');
  assert.equal(remaining(headers), 64_998);
  assert.match(headers.get('x-ratelimit-reset') ?? '', /T\d\d:00:00\.000Z$/);
  assert.equal(headers.get('ratelimit-policy'), '"global-app-quota";q=65000;w=3600');
  assert.match(headers.get('ratelimit') ?? '', /^r=64998;t=\d+$/);
  assert.equal(headers.get('x-ratelimit-nearlimit'), null);
  await simulator.control('PUT', '/points', { cloudId, spent: 52_001 });
  const near = await get('/no-such-route');
  assert.equal(near.status, 404);
  assert.equal(near.headers.get('x-ratelimit-nearlimit'), 'true');
});

test('the budget is the app’s over all tenants, and returns at the top of the simulated hour', async (t) => {
  const simulator = await startSimulator(t);
  await simulator.control('POST', '/clock', { now: '2027-03-01T10:20:00Z' });
  const one = await simulator.site({ name: 'one' });
  const two = await simulator.createSite({ name: 'two', pages: 1 });
  const tokens = await simulator.grant([one.cloudId, two]);
  const other = simulator.reader(two, tokens);
  await simulator.control('PUT', '/points', { cloudId: one.cloudId, spent: 65_000 });
  const refused = await other.get('/pages');
  assert.equal(refused.status, 429, 'the other tenant is out of points too');
  assert.equal(refused.headers.get('ratelimit-reason'), 'confluence-quota-global-based');
  const seconds = Number(refused.headers.get('retry-after'));
  assert.ok(seconds > 2390 && seconds <= 2400, `40 minutes to go, not ${seconds} seconds`);
  await simulator.control('POST', '/clock', { advanceMs: 39 * 60_000 });
  assert.equal((await other.get('/pages')).status, 429);
  await simulator.control('POST', '/clock', { advanceMs: 60_000 });
  // The access token is still good: the hour of the quota is not the hour of the token.
  const answered = await other.get('/pages');
  assert.equal(answered.status, 200);
  assert.equal(remaining(answered.headers), 64_998);
});

test('on tier 2 each tenant has a budget of its own', async (t) => {
  const simulator = await startSimulator(t);
  const one = await simulator.site({ name: 'one' });
  const two = await simulator.createSite({ name: 'two', pages: 1 });
  const tokens = await simulator.grant([one.cloudId, two]);
  await simulator.control('PATCH', '/switches', { quota: { tier: 2, pointsPerHour: 100 } });
  await simulator.control('PUT', '/points', { cloudId: one.cloudId, spent: 100 });
  const refused = await simulator.reader(one.cloudId, tokens).get('/pages');
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get('ratelimit-reason') ?? '', /tenant-based/);
  assert.equal((await simulator.reader(two, tokens).get('/pages')).status, 200);
});

test('Retry-After is absent, zero, seconds or a date by switch, and the reason has two spellings', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, get } = await simulator.site();
  await simulator.control('PUT', '/points', { cloudId, spent: 65_000 });
  const seen: (string | null)[] = [];
  for (const retryAfter of ['absent', 'zero', 'seconds', 'date']) {
    await simulator.control('PATCH', '/switches', { quota: { retryAfter, reason: 'live' } });
    const { status, headers } = await get('/pages');
    assert.equal(status, 429);
    assert.equal(headers.get('ratelimit-reason'), 'conf-global-based');
    seen.push(headers.get('retry-after'));
  }
  const [absent, zero, seconds, date] = seen;
  assert.equal(absent, null);
  assert.equal(zero, '0');
  assert.match(seconds ?? '', /^\d+$/);
  assert.match(date ?? '', /:00:00 GMT$/);
});

test('points spent outlive nothing but their hour', async (t) => {
  const simulator = await startSimulator(t);
  const { get } = await simulator.site();
  await get('/pages?limit=25');
  await simulator.control('DELETE', '/points');
  assert.equal(remaining((await get('/pages?limit=1')).headers), 64_998);
});
