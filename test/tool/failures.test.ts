import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { GROUPS } from '../../shared/tool/groups.ts';
import { type HttpAnswer, startStand } from './stand.ts';

const stand = await startStand({ TOOL_BUDGET_SECONDS: '2' }, { queues: true });
await stand.connect('acme', 'acme');
await stand.index('acme');
const key = await stand.agent('acme', 'reader', GROUPS);
const [pageId = '', title = ''] = await aPage();

afterEach(async () => {
  await stand.simulator('DELETE', '/faults');
  Object.assign(stand.deps, { now: () => new Date() });
  // A throttled answer parks the shared budget, here as in production.
  await parkNobody();
});

test('while Confluence is down a page comes from the index, marked so', async () => {
  const live = resultOf(await stand.call(key, 'confluence_get_page', { pageId }));
  assert.equal(live.source, 'confluence');
  for (const answer of [{ status: 503 }, { kind: 'reset' }, { kind: 'truncated-json' }, { kind: 'html' }]) {
    await stand.simulator('POST', '/faults', { match: { path: `/pages/${pageId}` }, answer });
    const stored = resultOf(await stand.call(key, 'confluence_get_page', { pageId }));
    assert.equal(stored.source, 'index', JSON.stringify(answer));
    assert.ok(Date.parse(stored.indexedAt as string) > 0);
    assert.equal(stored.title, title);
    assert.equal(stored.body, live.body);
    await stand.simulator('POST', '/faults', { match: { path: '/pages$' }, answer });
    assert.equal(resultOf(await stand.call(key, 'confluence_get_page', { pageId: title })).pageId, pageId);
    assert.equal((await stand.call(key, 'confluence_get_page', { pageId: 'No such title' })).status, 503);
    await stand.simulator('DELETE', '/faults');
  }
});

test('while Confluence throttles a page comes from the index, another answer says how long to wait', async () => {
  await stand.simulator('POST', '/faults', { match: { path: '/wiki/' }, answer: { status: 429, retryAfter: 17 } });
  assert.equal(resultOf(await stand.call(key, 'confluence_get_page', { pageId })).source, 'index');
  const list = await stand.call(key, 'confluence_list_pages', {});
  assert.equal(list.status, 429);
  assert.equal(list.body.code, 'rate_limited');
  assert.ok(Number(list.body.retryAfterSeconds) >= 16 && Number(list.body.retryAfterSeconds) <= 17);
  assert.equal(list.headers.get('retry-after'), String(list.body.retryAfterSeconds));
  const indexed = await stand.call(key, 'confluence_search_index', { query: 'vpn' });
  assert.equal(indexed.status, 200);
});

test('when the hour’s points are spent nobody asks again before the reset', async () => {
  const resetAt = new Date(Date.now() + 600_000).toISOString();
  const headers = { 'X-RateLimit-Reset': resetAt, 'RateLimit-Reason': 'confluence-quota-global-based' };
  await stand.simulator('POST', '/faults', {
    match: { path: '/wiki/' },
    count: 1,
    answer: { status: 429, headers, retryAfter: 0 },
  });
  assert.equal((await stand.call(key, 'confluence_list_pages', {})).body.code, 'rate_limited');
  await waitFor(async () => (await ledger())?.parkedUntil !== undefined);
  await stand.arrived();
  const again = await stand.call(key, 'confluence_list_pages', {});
  assert.equal(again.body.code, 'rate_limited');
  assert.ok(Number(again.body.retryAfterSeconds) > 500);
  assert.deepEqual(await stand.arrived(), []);
  assert.equal(resultOf(await stand.call(key, 'confluence_get_page', { pageId })).source, 'index');
});

test('spent points that only the retry runs into stop the next call as well', async () => {
  const headers = {
    'X-RateLimit-Reset': new Date(Date.now() + 600_000).toISOString(),
    'RateLimit-Reason': 'confluence-quota-global-based',
  };
  await stand.simulator('POST', '/faults', { match: { path: '/spaces$' }, count: 1, answer: { status: 502 } });
  await stand.simulator('POST', '/faults', { match: { path: '/spaces$' }, count: 1, answer: { status: 429, headers } });
  assert.equal((await stand.call(key, 'confluence_list_spaces')).body.code, 'rate_limited');
  await waitFor(async () => (await ledger())?.parkedUntil !== undefined);
  await stand.arrived();
  assert.equal((await stand.call(key, 'confluence_list_spaces')).body.code, 'rate_limited');
  assert.deepEqual(await stand.arrived(), []);
});

test('one fault of the moment is retried inside, a second is answered with what to do', async () => {
  await stand.simulator('POST', '/faults', { match: { path: '/spaces$' }, count: 1, answer: { status: 502 } });
  assert.equal((await stand.call(key, 'confluence_list_spaces')).status, 200);
  await stand.simulator('POST', '/faults', { match: { path: '/spaces$' }, answer: { status: 502 } });
  await stand.arrived();
  const down = await stand.call(key, 'confluence_list_spaces');
  assert.equal(down.status, 503);
  assert.equal(down.body.code, 'confluence_unavailable');
  assert.ok(Number(down.body.retryAfterSeconds) > 0);
  assert.equal((await stand.arrived()).length, 2);
});

test('a call that Confluence leaves hanging ends within its budget', async () => {
  await stand.simulator('POST', '/faults', { match: { path: '/spaces$' }, answer: { kind: 'timeout' } });
  const startedAt = performance.now();
  const hanging = await stand.call(key, 'confluence_list_spaces');
  assert.equal(hanging.body.code, 'confluence_unavailable');
  assert.ok(performance.now() - startedAt < 6_000);
  await stand.simulator('POST', '/faults', { match: { path: `/pages/${pageId}` }, answer: { kind: 'timeout' } });
  assert.equal(resultOf(await stand.call(key, 'confluence_get_page', { pageId })).source, 'index');
});

test('what is refused for good is not retried', async () => {
  await stand.arrived();
  assert.equal((await stand.call(key, 'confluence_get_page', { pageId: '1', fields: ['body'] })).status, 404);
  assert.equal((await stand.arrived()).length, 1);
  const bad = await stand.call(key, 'confluence_search', { cql: 'nosuchfield = 1' });
  assert.equal(bad.body.code, 'invalid_arguments');
  assert.match(String(bad.body.detail), /nosuchfield/);
  assert.equal((await stand.arrived()).length, 1);
});

test('a part around the page that cannot be read is left out by name and fails nothing', async () => {
  const other = resultOf(await stand.call(key, 'confluence_search', { cql: 'type = blogpost', limit: 1 })) as {
    results: { blogpostId: string }[];
  };
  const blogpostId = other.results[0]?.blogpostId;
  await stand.simulator('POST', '/faults', { match: { path: '/attachments$' }, answer: { status: 500 } });
  await stand.simulator('POST', '/faults', { match: { path: '/users-bulk$' }, answer: { status: 500 } });
  await forgetNames();
  const post = resultOf(await stand.call(key, 'confluence_get_blogpost', { blogpostId }));
  assert.deepEqual([...(post.missing as string[])].sort(), ['attachments', 'names']);
  assert.equal(post.attachments, undefined);
  assert.ok((post.author as { accountId: string }).accountId);
  assert.ok((post.body as string).length > 0);
});

test('a missing scope fails the one call and says so', async () => {
  const body = { code: 401, message: 'Unauthorized; scope does not match' };
  await stand.simulator('POST', '/faults', { match: { path: '/spaces$' }, answer: { status: 401, body } });
  await stand.arrived();
  const answer = await stand.call(key, 'confluence_list_spaces');
  assert.equal(answer.body.code, 'scope_missing');
  assert.equal((await stand.arrived()).length, 1, 'no refresh, no second attempt');
  assert.equal((await stand.call(key, 'confluence_list_pages', {})).status, 200);
});

test('an expired token is refreshed within the call', async () => {
  await stand.simulator('POST', '/tokens/expire');
  assert.equal((await stand.call(key, 'confluence_list_spaces')).status, 200);
});

test('a grant that was revoked answers reconnect_required, on this call and the next', async () => {
  await stand.connect('revoked', 'acme');
  const agent = await stand.agent('revoked', 'one', GROUPS);
  assert.equal((await stand.call(agent, 'confluence_list_spaces')).status, 200);
  await stand.simulator('POST', '/grants/revoke', { accountId: '712020:a1ec0ad3-0000-4000-8000-000000000001' });
  for (const _ of [1, 2]) {
    const answer = await stand.call(agent, 'confluence_list_spaces');
    assert.equal(answer.status, 409, JSON.stringify(answer.body));
    assert.equal(answer.body.code, 'reconnect_required');
  }
  await stand.connect('acme', 'acme');
});

test('product access that was taken away answers reconnect_required once it is confirmed', async () => {
  const access = { accountId: '712020:a1ec0ad3-0000-4000-8000-000000000001', cloudId: stand.sites.tailspin?.cloudId };
  await stand.connect('lost', 'tailspin');
  const agent = await stand.agent('lost', 'one', GROUPS);
  await stand.simulator('PUT', '/access', { ...access, confluence: false });
  const answer = await stand.call(agent, 'confluence_list_spaces');
  assert.equal(answer.body.code, 'reconnect_required', JSON.stringify(answer.body));
  await stand.simulator('PUT', '/access', { ...access, confluence: true });
});

test('the limits on calls and points answer 429 with the seconds, over both transports', async () => {
  const { settings } = stand.deps;
  const before = { ...settings };
  try {
    Object.assign(settings, { AGENT_CALLS_PER_MINUTE: 2 });
    const limited = await stand.agent('acme', 'limited', GROUPS);
    const client = await stand.mcp(limited);
    const over = await until429(() => stand.call(limited, 'confluence_search_index', { query: 'a' }));
    assert.equal(over.body.code, 'rate_limited');
    assert.ok(Number(over.body.retryAfterSeconds) >= 1 && Number(over.body.retryAfterSeconds) <= 60);
    assert.ok(over.headers.get('retry-after'));
    const overMcp = await client.callTool({ name: 'confluence_search_index', arguments: { query: 'a' } });
    assert.equal(JSON.parse((overMcp.content as [{ text: string }])[0].text).code, 'rate_limited');
    const other = await stand.agent('acme', 'other', GROUPS);
    assert.equal((await stand.call(other, 'confluence_list_spaces')).status, 200, 'another agent is not touched');

    Object.assign(settings, { AGENT_CALLS_PER_MINUTE: 1_000, AGENT_POINTS_PER_HOUR: 20 });
    await stand.connect('poor', 'acme');
    const poor = await stand.agent('poor', 'one', GROUPS);
    const spent = await until429(() => stand.call(poor, 'confluence_list_spaces'));
    assert.equal(spent.body.code, 'rate_limited');
    assert.ok(Number(spent.body.retryAfterSeconds) <= 3_600);
    const second = await stand.agent('poor', 'two', GROUPS);
    assert.equal((await stand.call(second, 'confluence_list_spaces')).status, 429, 'points are the tenant’s');
    assert.equal(
      (await stand.call(poor, 'confluence_search_index', { query: 'a' })).status,
      200,
      'the index costs none',
    );
  } finally {
    Object.assign(settings, before);
  }
});

async function until429(call: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const answer = await call();
    if (answer.status === 429) return answer;
  }
  throw new Error('the limit was never reached');
}

async function aPage(): Promise<[string, string]> {
  const found = resultOf(await stand.call(key, 'confluence_search_index', { query: 'vpn', limit: 1 })) as {
    results: { pageId: string; title: string }[];
  };
  return [found.results[0]?.pageId ?? '', found.results[0]?.title ?? ''];
}

interface StoredLedger {
  readonly id: string;
  readonly parkedUntil?: string;
}

async function ledger(): Promise<StoredLedger | undefined> {
  const query = 'SELECT c.id, c.parkedUntil FROM c WHERE c.tenantId = "_app" AND c.type = "quota"';
  const { resources } = await stand.deps.control.items.query<StoredLedger>(query, { partitionKey: '_app' }).fetchAll();
  return resources[0];
}

async function parkNobody(): Promise<void> {
  const parked = await ledger();
  if (parked?.parkedUntil === undefined) return;
  await stand.deps.control.item(parked.id, '_app').patch([{ op: 'remove', path: '/parkedUntil' }]);
  await waitFor(async () => (await stand.call(key, 'confluence_get_space', { spaceKey: 'IT' })).status === 200);
}

async function forgetNames(): Promise<void> {
  const query = 'SELECT c.id FROM c WHERE c.tenantId = "acme" AND c.type = "author"';
  const { resources } = await stand.deps.control.items
    .query<{ id: string }>(query, { partitionKey: 'acme' })
    .fetchAll();
  for (const { id } of resources) await stand.deps.control.item(id, 'acme').delete();
  // The process remembers names for some seconds.
  Object.assign(stand.deps, { now: () => new Date(Date.now() + 15_000) });
}

async function waitFor(check: () => Promise<boolean>): Promise<void> {
  for (const endsAt = Date.now() + 10_000; Date.now() < endsAt; ) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it never came true');
}

function resultOf({ body }: HttpAnswer): Record<string, unknown> {
  assert.ok('result' in body, JSON.stringify(body));
  return body.result as Record<string, unknown>;
}
