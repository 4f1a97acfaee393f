import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  addPage,
  assertIndexIsRight,
  change,
  changeSpace,
  connectSite,
  deltaSync,
  fault,
  fullSync,
  pageIdsOf,
  type SyncedTenant,
  settle,
  startWorld,
  storedPage,
  type World,
} from './support.ts';

/** What Confluence cannot deliver: large answers, a bad page, a bad space, a pass that is refused. */

let world: World;
before(async () => {
  world = await startWorld({
    LOG_LEVEL: 'error',
    RETRY_BACKOFF_MIN_MS: '1',
    RETRY_BACKOFF_MAX_MS: '5',
    ATLASSIAN_MAX_BODY_MB: '3',
  });
});
after(() => world.close());

interface Logged {
  readonly path: string;
  readonly query: string;
}

async function limitsOf(tenant: SyncedTenant): Promise<number[]> {
  const { requests } = await world.simulator<{ requests: Logged[] }>('GET', `requests?pathContains=${tenant.cloudId}`);
  return requests
    .filter(({ path, query }) => path.endsWith('/pages') && query.includes('body-format'))
    .map(({ query }) => Number(new URLSearchParams(query).get('limit')));
}

async function syncedSite(options: Record<string, unknown> = {}): Promise<SyncedTenant> {
  const tenant = await connectSite(world, { pages: 30, spaces: 3, labels: 2, ...options });
  assert.equal((await settle(world, tenant)).state, 'succeeded');
  return tenant;
}

test('a first sync of pages that are too large together asks for fewer, remembers it, and grows back slowly', async () => {
  const tenant = await connectSite(world, { pages: 200, spaces: 1, labels: 0 });
  await fault(world, tenant, { name: 'too-many-bodies' });
  const run = await settle(world, tenant);
  await world.simulator('DELETE', 'faults');
  assert.equal(run.state, 'succeeded');
  const limits = await limitsOf(tenant);
  assert.deepEqual(limits.slice(0, 4), [250, 125, 62, 31]);
  assert.equal(limits[4], 47);
  await assertIndexIsRight(world, tenant);
});

test('answers over the limit are cut off while reading and asked for in smaller pieces', async () => {
  const tenant = await connectSite(world, { pages: 60, spaces: 1, labels: 0, bodyBytes: 100_000 });
  assert.equal((await settle(world, tenant)).state, 'succeeded');
  await assertIndexIsRight(world, tenant);
});

test('one page that cannot be read is on the run, and every other page is in the index', async () => {
  const tenant = await connectSite(world, { pages: 40, spaces: 1, labels: 0 });
  const [bad = ''] = (await pageIdsOf(world, tenant)).slice(20);
  const match = { path: '/wiki/api/v2/pages$', query: { 'body-format': '.' }, answerContains: `"id":"${bad}"` };
  await fault(world, tenant, { match, answer: { status: 500 } });
  const run = await settle(world, tenant);
  assert.equal(run.state, 'succeeded');
  assert.deepEqual(
    run.problems.map(({ code, detail }) => [code, detail.includes(bad)]),
    [['page_unreadable', true]],
  );
  assert.equal(run.counters.written, 39);
  assert.equal(run.counters.skipped, 1);
  await world.simulator('DELETE', 'faults');
  // As soon as it can be read, the next pass brings it, with everything that belongs to it.
  await fullSync(world, tenant, { passes: ['ids'] });
  await assertIndexIsRight(world, tenant);
});

test('one space that cannot be listed does not keep the others from being synced, and loses nothing', async () => {
  const tenant = await syncedSite();
  const ids = await pageIdsOf(world, tenant);
  const [badSpace = ''] = ids.slice(0, 1);
  const spaceId = (await storedPage(world, tenant, badSpace))?.spaceId ?? '';
  const other = ids.at(-1) ?? '';
  await change(world, tenant, other, 'update', { title: 'Elsewhere' });
  await fault(world, tenant, {
    match: { path: '/wiki/api/v2/pages$', query: { 'space-id': spaceId } },
    answer: { status: 403, body: { message: 'no' } },
  });
  const run = await fullSync(world, tenant, { passes: ['ids'] });
  await world.simulator('DELETE', 'faults');
  assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
  assert.ok(run.problems.some(({ code, detail }) => code === 'space_unreadable' && detail.includes(spaceId)));
  assert.equal(run.counters.removed, 0);
  await assertIndexIsRight(world, tenant);
});

test('a space whose listing always fails on the server is isolated, while an outage of everything is waited for', async () => {
  const tenant = await syncedSite();
  const spaceId = (await storedPage(world, tenant, (await pageIdsOf(world, tenant))[0] ?? ''))?.spaceId ?? '';
  await fault(world, tenant, {
    match: { path: '/wiki/api/v2/pages$', query: { 'space-id': spaceId } },
    answer: { status: 500 },
  });
  const run = await fullSync(world, tenant, { passes: ['ids'] });
  await world.simulator('DELETE', 'faults');
  assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
  assert.deepEqual(
    run.problems.map(({ code }) => code),
    ['space_unreadable'],
  );
  await assertIndexIsRight(world, tenant);
});

test('an app that is blocked from one space by policy keeps the rest, and the connection', async () => {
  const tenant = await syncedSite();
  await changeSpace(world, tenant, 'S1', 'block');
  const added = await addPage(world, tenant, 'S2', 'In a space that is not blocked');
  const run = await fullSync(world, tenant, { passes: ['ids'] });
  assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
  assert.ok(await storedPage(world, tenant, added));
  assert.equal((await world.connection(tenant.tenantId)).status, 'connected');
  await changeSpace(world, tenant, 'S1', 'unblock');
  await fullSync(world, tenant);
  await assertIndexIsRight(world, tenant);
});

test('attachments that cannot be listed by date are listed as they come', async () => {
  const tenant = await syncedSite({ attachments: 10 });
  await change(world, tenant, (await pageIdsOf(world, tenant))[0] ?? '', 'attach', { fileName: 'new.png' });
  await fault(world, tenant, {
    match: { path: '/wiki/api/v2/attachments$', query: { sort: 'modified-date' } },
    answer: { status: 500 },
  });
  const run = await fullSync(world, tenant, { passes: ['attachments'] });
  await world.simulator('DELETE', 'faults');
  assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
  assert.deepEqual(
    run.problems.map(({ code }) => code),
    ['attachments_unsorted'],
  );
  await assertIndexIsRight(world, tenant);
});

test('a label that vanishes between its listing and its pages does not stop the pass', async () => {
  const tenant = await syncedSite();
  await fault(world, tenant, { match: { path: '/labels/[0-9]+/pages$' }, answer: { status: 404 }, count: 2 });
  const run = await fullSync(world, tenant, { passes: ['labels'] });
  assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
  await assertIndexIsRight(world, tenant);
});

test('a pass that is refused is skipped, named on the run and tried again, while the others go on', async () => {
  const tenant = await syncedSite({ attachments: 5 });
  const [id = ''] = await pageIdsOf(world, tenant);
  await change(world, tenant, id, 'attach', { fileName: 'seen.png' });
  await fault(world, tenant, { match: { path: '/wiki/api/v2/labels$' }, answer: { status: 410 } });
  const run = await fullSync(world, tenant);
  await world.simulator('DELETE', 'faults');
  assert.equal(run.state, 'succeeded');
  assert.deepEqual(run.failedPasses, ['labels']);
  await assertIndexIsRight(world, tenant);
  const { passes } = await world.connection(tenant.tenantId);
  const inMinutes = (Date.parse(passes.labels?.dueAt ?? '') - Date.now()) / 60_000;
  assert.ok(inMinutes > 50 && inMinutes <= 60);
});

for (const answer of [
  { kind: 'html', status: 503 },
  { kind: 'truncated-json' },
  { kind: 'reset' },
  { status: 429, retryAfter: 0 },
  { status: 200, body: { unexpected: true } },
]) {
  test(`an answer like ${JSON.stringify(answer)} is waited out and loses nothing`, async () => {
    const tenant = await syncedSite();
    for (const id of (await pageIdsOf(world, tenant)).slice(0, 5)) await change(world, tenant, id, 'update', {});
    await fault(world, tenant, { match: { path: '/wiki/api/v2/' }, answer, skip: 1, count: 2 });
    await deltaSync(world, tenant);
    assert.equal((await fullSync(world, tenant)).state, 'succeeded');
    await assertIndexIsRight(world, tenant);
  });
}
