import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { handleMessage } from '../../shared/sync/handle-message.ts';
import { excludeSpaces } from '../../shared/sync/space-settings.ts';
import {
  actualIndex,
  addPage,
  addSpace,
  assertIndexIsRight,
  change,
  connectSite,
  connectSyncedSite,
  deltaSync,
  fault,
  fullSync,
  lastRun,
  pageIdsOf,
  processOf,
  pump,
  type SyncedTenant,
  setConnection,
  settle,
  startFullSync,
  startWorld,
  storedPage,
  type World,
} from './support.ts';

let world: World;
before(async () => {
  world = await startWorld({ LOG_LEVEL: 'error', RETRY_BACKOFF_MIN_MS: '1', RETRY_BACKOFF_MAX_MS: '5' });
});
after(() => world.close());

function syncedSite(options: Record<string, unknown> = {}): Promise<SyncedTenant> {
  return connectSyncedSite(world, { pages: 20, spaces: 2, labels: 4, ...options });
}

interface Logged {
  readonly path: string;
  readonly query: string;
  readonly points: number;
}

/** What Confluence was asked meanwhile. */
async function requestsDuring(tenant: SyncedTenant, work: () => Promise<unknown>): Promise<Logged[]> {
  await world.simulator('DELETE', 'requests');
  await work();
  const { requests } = await world.simulator<{ requests: Logged[] }>('GET', `requests?pathContains=${tenant.cloudId}`);
  return requests;
}

test('an idle delta costs one request and 2 points, writes no run and notes when it looked', async () => {
  const tenant = await syncedSite();
  await deltaSync(world, tenant); // takes the first look at the hints
  const before = await world.connection(tenant.tenantId);
  const requests = await requestsDuring(tenant, () => deltaSync(world, tenant));
  assert.equal(requests.length, 1);
  assert.equal(requests[0]?.points, 2);
  const after = await world.connection(tenant.tenantId);
  assert.ok(String(after.lastCheckedAt) > String(before.lastCheckedAt));
  assert.equal(after.delta, undefined);
  assert.equal((await lastRun(world, tenant.tenantId)).mode, 'full');
});

test('a delta brings what was created, edited and renamed, with its labels, and asks only for those', async () => {
  const tenant = await syncedSite();
  const [edited = '', renamed = ''] = await pageIdsOf(world, tenant);
  await change(world, tenant, edited, 'update', { storage: '<p>New words</p>' });
  await change(world, tenant, edited, 'label', { name: 'fresh' });
  await change(world, tenant, renamed, 'rename', { title: 'Another name' });
  const created = await addPage(world, tenant, 'S1', 'Brand new');
  await change(world, tenant, created, 'label', { name: 'ours', prefix: 'team' });
  await change(world, tenant, created, 'label', { name: 'mine', prefix: 'my' });
  const requests = await requestsDuring(tenant, () => deltaSync(world, tenant));
  assert.equal(requests.filter(({ path }) => path.endsWith('/labels')).length, 3);
  assert.deepEqual((await storedPage(world, tenant, created))?.labels, ['team:ours']);
  await assertIndexIsRight(world, tenant);
});

test('two changes in one millisecond across a delta are both found: dates overlap by five minutes', async () => {
  const tenant = await syncedSite();
  const [first = '', second = ''] = await pageIdsOf(world, tenant);
  await change(world, tenant, first, 'update', { title: 'First' });
  await deltaSync(world, tenant);
  // Saved by a server whose clock is four minutes behind.
  await world.simulator('POST', 'clock', { advanceMs: -4 * 60_000 });
  await change(world, tenant, second, 'update', { title: 'Second' });
  await world.simulator('POST', 'clock', { offsetMs: 0 });
  // The newest page is the same as before; the watermark is young, so the delta lists all the same.
  assert.ok(await deltaSync(world, tenant));
  await assertIndexIsRight(world, tenant);
});

test('a delta whose listing is out of order goes on until it sees nothing recent', async () => {
  const tenant = await syncedSite({ pages: 60 });
  for (const id of (await pageIdsOf(world, tenant)).slice(0, 30)) await change(world, tenant, id, 'update', {});
  const match = { path: '/wiki/api/v2/pages$', query: { sort: '^-modified-date$', limit: '^10$' } };
  await fault(world, tenant, { match, answer: { kind: 'unordered' }, count: 1 });
  await deltaSync(world, tenant);
  await assertIndexIsRight(world, tenant);
});

test('a delta that Confluence throttles in the middle of the labels does not ask again for those it has', async () => {
  const tenant = await syncedSite({ pages: 60 });
  for (const id of (await pageIdsOf(world, tenant)).slice(0, 40)) await change(world, tenant, id, 'update', {});
  await fault(world, tenant, { name: 'burst-429', match: { path: '/labels$' }, skip: 30, count: 1 });
  const requests = await requestsDuring(tenant, () => deltaSync(world, tenant));
  const asked = requests.filter(({ path }) => path.endsWith('/labels')).length;
  assert.ok(asked >= 41 && asked <= 41 + 25, `${asked} requests for labels`);
  await assertIndexIsRight(world, tenant);
});

test('the count of pages is a hint: one that no delta explains makes the ids pass due', async () => {
  const tenant = await syncedSite();
  const later = (hours: number) => processOf(world, {}, hours * 3_600_000);
  await deltaSync(world, tenant);
  await addPage(world, tenant, 'S1', 'Seen by a delta');
  await deltaSync(world, tenant, later(0.5));
  await deltaSync(world, tenant, later(1.1));
  assert.ok(Date.parse((await world.connection(tenant.tenantId)).passes.ids?.dueAt ?? '') > Date.now() + 3_600_000);

  await addSpace(world, tenant, 'NEW');
  const unseen = await addPage(world, tenant, 'NEW', 'In a space that no delta lists');
  await deltaSync(world, tenant, later(2.2));
  const { passes } = await world.connection(tenant.tenantId);
  assert.ok(Date.parse(passes.ids?.dueAt ?? '') < later(2.3).now().getTime());
  assert.equal(await storedPage(world, tenant, unseen), undefined, 'a hint never writes');
  await fullSync(world, tenant, { passes: ['ids'] });
  await assertIndexIsRight(world, tenant);
});

test('the newest attachment is a hint for the attachments pass', async () => {
  const tenant = await syncedSite({ attachments: 5 });
  await deltaSync(world, tenant);
  const [id = ''] = await pageIdsOf(world, tenant);
  await change(world, tenant, id, 'attach', { fileName: 'new.png' });
  const deps = processOf(world, {}, 61 * 60_000);
  await deltaSync(world, tenant, deps);
  const { passes } = await world.connection(tenant.tenantId);
  assert.ok(Date.parse(passes.attachments?.dueAt ?? '') <= deps.now().getTime());
});

test('no delta runs before the first sync has been to the end', async () => {
  const tenant = await connectSite(world, { pages: 5 });
  await fault(world, tenant, { match: { path: '/wiki/api/v2/' }, answer: { status: 503 } });
  assert.equal((await settle(world, tenant)).state, 'failed');
  await world.simulator('DELETE', 'faults');
  assert.equal(await deltaSync(world, tenant), undefined);
  assert.equal((await fullSync(world, tenant)).state, 'succeeded');
  await assertIndexIsRight(world, tenant);
});

test('a long full sync looks for changes as often as a delta would, and takes them in before it goes on', async () => {
  const tenant = await syncedSite({ pages: 300, bodyBytes: 200, spaces: 1 });
  const [first = ''] = await pageIdsOf(world, tenant);
  await startFullSync(world, tenant, { passes: ['ids'] });
  const match = { path: '/wiki/api/v2/pages$', query: { sort: '^id$' } };
  await fault(world, tenant, { match, answer: { status: 429, retryAfter: 3000 }, skip: 1, count: 1 });
  await pump(world);
  const parked = await lastRun(world, tenant.tenantId);
  assert.equal(parked.state, 'waiting');
  await change(world, tenant, first, 'update', { title: 'Changed meanwhile' });

  const deps = processOf(world, { WORK_SLICE_SECONDS: '0.001' }, 51 * 60_000);
  const { runId } = parked;
  let epoch = parked.epoch;
  const titles: (string | undefined)[] = [];
  for (;;) {
    await deliver(deps, tenant, runId, epoch);
    const run = await lastRun(world, tenant.tenantId);
    titles.push(run.step === 'pages' ? (await storedPage(world, tenant, first))?.title : undefined);
    if (run.state !== 'queued') break;
    epoch = run.epoch;
  }
  assert.ok(titles.includes('Changed meanwhile'), 'the change was in the index while pages were still being listed');
  assert.ok(Date.parse((await world.connection(tenant.tenantId)).lastCheckedAt ?? '') > Date.now());
  assert.equal((await lastRun(world, tenant.tenantId)).state, 'succeeded');
});

async function deliver(deps: World['deps'], { tenantId }: SyncedTenant, runId: string, epoch: number): Promise<void> {
  await handleMessage(deps, { kind: 'run', tenantId, runId, epoch });
}

test('an excluded space leaves the index with the next pass and comes back when it is included again', async () => {
  const tenant = await syncedSite();
  await excludeSpaces(world.deps, tenant.tenantId, ['S1']);
  await fullSync(world, tenant, { passes: ['ids'] });
  await assertIndexIsRight(world, tenant, { excludedKeys: ['S1'] });
  // A change of it is none of ours.
  const [hidden = ''] = await pageIdsOf(world, tenant, 'S1');
  await change(world, tenant, hidden, 'update', { title: 'Still hidden' });
  await deltaSync(world, tenant);
  await assertIndexIsRight(world, tenant, { excludedKeys: ['S1'] });
  await excludeSpaces(world.deps, tenant.tenantId, []);
  await fullSync(world, tenant, { passes: ['ids'] });
  await assertIndexIsRight(world, tenant);
});

test('a space that is excluded while a run is at work is gone after the run that this asks for', async () => {
  const tenant = await syncedSite();
  await startFullSync(world, tenant);
  const match = { path: '/wiki/api/v2/labels$' };
  await fault(world, tenant, { match, answer: { status: 429, retryAfter: 3000 }, count: 1 });
  await pump(world);
  await excludeSpaces(world.deps, tenant.tenantId, ['S2']);
  const run = await lastRun(world, tenant.tenantId);
  await deliver(world.deps, tenant, run.runId, run.epoch);
  assert.equal((await lastRun(world, tenant.tenantId)).state, 'succeeded');
  const { passes } = await world.connection(tenant.tenantId);
  assert.ok(Date.parse(passes.ids?.dueAt ?? '') <= Date.now(), 'the request stands');
  await setConnection(world, tenant.tenantId, { nextSyncAt: new Date(0).toISOString() });
  await fullSync(world, tenant, { passes: ['ids'] });
  await assertIndexIsRight(world, tenant, { excludedKeys: ['S2'] });
});

test('names that are about to lapse are asked for again by the next sync', async () => {
  const tenant = await syncedSite();
  const requests = await requestsDuring(tenant, () =>
    fullSync(world, tenant, { passes: ['ids'], deps: processOf(world, {}, 5 * 24 * 3_600_000) }),
  );
  assert.ok(requests.some(({ path }) => path.endsWith('/users-bulk')));
  assert.ok((await actualIndex(world, tenant)).pages.length > 0);
});
