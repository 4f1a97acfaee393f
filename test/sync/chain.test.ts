import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { handleMessage, UnknownMessageError } from '../../shared/sync/handle-message.ts';
import { newRun } from '../../shared/sync/new-run.ts';
import { settlePoisoned } from '../../shared/sync/poison.ts';
import type { Run } from '../../shared/sync/run.ts';
import { scheduleDue } from '../../shared/sync/schedule.ts';
import { sendMessage } from '../../shared/sync/send-message.ts';
import { triggerSync } from '../../shared/sync/trigger.ts';
import {
  assertIndexIsRight,
  connectSyncedSite,
  databaseFault,
  fault,
  fullSync,
  lastRun,
  newTenant,
  processOf,
  pump,
  runsOf,
  type SyncedTenant,
  setConnection,
  settle,
  startFullSync,
  startWorld,
  type World,
} from './support.ts';

/** One tenant, one chain: fencing, revival, poison, hand-over and the trigger. */

let world: World;
before(async () => {
  world = await startWorld({ LOG_LEVEL: 'error', RETRY_BACKOFF_MIN_MS: '1', RETRY_BACKOFF_MAX_MS: '5' });
});
after(() => world.close());

function syncedSite(options: Record<string, unknown> = {}): Promise<SyncedTenant> {
  return connectSyncedSite(world, { pages: 10, spaces: 2, labels: 2, ...options });
}

async function messages() {
  return [...(await world.messages('confluence-sync')), ...(await world.messages('confluence-sync-now'))];
}

test('a message of another epoch, a message that comes twice and one for a run that has ended change nothing', async () => {
  const tenant = await syncedSite();
  const { tenantId } = tenant;
  const ended = await lastRun(world, tenantId);
  await handleMessage(world.deps, { kind: 'run', tenantId, runId: ended.runId, epoch: ended.epoch });
  assert.deepEqual(await lastRun(world, tenantId), ended);

  await startFullSync(world, tenant);
  const queued = await lastRun(world, tenantId);
  for (const epoch of [queued.epoch - 1, queued.epoch + 1]) {
    await handleMessage(world.deps, { kind: 'run', tenantId, runId: queued.runId, epoch });
  }
  assert.deepEqual(await lastRun(world, tenantId), queued);
  const message = { kind: 'run', tenantId, runId: queued.runId, epoch: queued.epoch } as const;
  await world.simulator('DELETE', 'requests');
  await Promise.all([handleMessage(world.deps, message), handleMessage(world.otherProcess(), message)]);
  const { requests } = await world.simulator<{ requests: unknown[] }>('GET', `requests?cloudId=${tenant.cloudId}`);
  const done = await lastRun(world, tenantId);
  assert.equal(done.state, 'succeeded');
  assert.equal(requests.length, done.counters.requests, 'only one of the two worked');
  await pump(world);
});

test('what is no message of ours is thrown, whatever it is, so that the host moves it to the poison queue', async () => {
  for (const value of [
    undefined,
    null,
    123,
    'text',
    [],
    {},
    { kind: 'run' },
    { kind: 'delta', tenantId: '_app', epoch: 1 },
  ]) {
    await assert.rejects(handleMessage(world.deps, value), UnknownMessageError);
  }
});

test('work is cut into slices: each ends with a checkpoint and the next message, under the next epoch', async () => {
  const tenant = await syncedSite({ pages: 60 });
  const deps = processOf(world, { WORK_SLICE_SECONDS: '0.001' });
  await startFullSync(world, tenant, { deps });
  const run = await settle(world, tenant, deps);
  assert.equal(run.state, 'succeeded');
  assert.ok(run.epoch > 8, `epoch ${run.epoch}`);
  await assertIndexIsRight(world, tenant);
});

test('a worker that lost its run stops without a word and without writing over its successor', async () => {
  const tenant = await syncedSite({ pages: 300, bodyBytes: 200 });
  const { tenantId } = tenant;
  await startFullSync(world, tenant, { passes: ['ids'] });
  const { runId, epoch } = await lastRun(world, tenantId);
  await fault(world, tenant, {
    match: { path: '/wiki/api/v2/pages$', query: { sort: '^id$' } },
    answer: { kind: 'slow', delayMs: 300 },
    count: 1,
  });
  const slow = handleMessage(world.deps, { kind: 'run', tenantId, runId, epoch });
  while ((await lastRun(world, tenantId)).step !== 'pages');
  // The timer finds its lease expired.
  const timer = processOf(world, {}, 10 * 60_000);
  assert.equal((await scheduleDue(timer)).revived >= 1, true);
  const other = world.otherProcess();
  const revived = await lastRun(world, tenantId);
  assert.equal(revived.epoch, epoch + 1);
  await handleMessage(other, { kind: 'run', tenantId, runId, epoch: revived.epoch });
  await slow;
  const run = await lastRun(world, tenantId);
  assert.equal(run.state, 'succeeded');
  assert.equal(run.epoch, epoch + 1);
  assert.equal(run.counters.found, 300, 'nothing was counted twice');
  await assertIndexIsRight(world, tenant);
  await pump(world);
});

test('a unit of work that takes longer than the lease keeps it', async () => {
  const tenant = await syncedSite();
  const deps = processOf(world, { RUN_LEASE_SECONDS: '0.2' });
  await startFullSync(world, tenant, { passes: ['ids'], deps });
  await fault(world, tenant, {
    match: { path: '/wiki/api/v2/pages$', query: { sort: '^id$' } },
    answer: { kind: 'slow', delayMs: 600 },
    count: 1,
  });
  const { tenantId } = tenant;
  const { runId, epoch } = await lastRun(world, tenantId);
  const work = handleMessage(deps, { kind: 'run', tenantId, runId, epoch });
  const until = Date.now() + 550;
  let looks = 0;
  while (Date.now() < until) {
    const run = await lastRun(world, tenantId);
    if (run.step !== 'pages') continue;
    looks += 1;
    assert.ok(Date.parse(run.leaseUntil ?? '') > Date.now() - 100, 'the lease lives');
  }
  await work;
  assert.ok(looks > 3);
  assert.equal((await lastRun(world, tenantId)).state, 'succeeded');
  await pump(world);
});

async function queuedRun(tenantId: string, dueAt: Date): Promise<Run> {
  const run = { ...newRun({ tenantId, cloudId: 'nowhere', mode: 'full', trigger: 'schedule' }, dueAt) };
  await world.deps.control.items.create(run);
  return run;
}

test('a chain whose message was lost is revived once it is long overdue, once, under a new epoch', async () => {
  const tenantId = newTenant();
  const run = await queuedRun(tenantId, new Date(Date.now() - 11 * 60_000));
  const young = await queuedRun(newTenant(), new Date(Date.now() - 9 * 60_000));
  assert.equal((await scheduleDue(world.deps)).revived, 1);
  assert.equal((await scheduleDue(world.deps)).revived, 0);
  assert.equal((await lastRun(world, tenantId)).epoch, run.epoch + 1);
  assert.equal((await lastRun(world, young.tenantId)).epoch, young.epoch);
  assert.deepEqual(
    (await messages()).map(({ runId, epoch }) => ({ runId, epoch })),
    [{ runId: run.runId, epoch: run.epoch + 1 }],
  );
});

test('a long queue is no storm: healthy runs that wait as long as the queue is are not revived, a lost one is', async () => {
  const dueAt = new Date(Date.now() - 20 * 60_000);
  const waiting = await Promise.all(Array.from({ length: 200 }, () => queuedRun(newTenant(), dueAt)));
  await Promise.all(
    waiting.map(({ tenantId, runId, epoch }) =>
      sendMessage(world.deps, { kind: 'run', tenantId, runId, epoch, dueAt: dueAt.toISOString() }),
    ),
  );
  const lost = await queuedRun(newTenant(), new Date(Date.now() - 45 * 60_000));
  assert.equal((await scheduleDue(world.deps)).revived, 1);
  assert.equal((await lastRun(world, lost.tenantId)).epoch, lost.epoch + 1);
  // The same for deltas: a claim whose message still waits is not sent a second time.
  assert.equal((await messages()).length, 201);
});

test('a delta that waits in a long queue is not claimed again; one whose message was lost is', async () => {
  const tenant = await syncedSite();
  const { tenantId } = tenant;
  const past = new Date(0).toISOString();
  const claim = (minutesAgo: number) => ({
    nextSyncAt: past,
    delta: { epoch: 7, messageDueAt: new Date(Date.now() - minutesAgo * 60_000).toISOString() },
  });
  await setConnection(world, tenantId, claim(9));
  await scheduleDue(world.deps);
  assert.equal((await world.connection(tenantId)).delta?.epoch, 7);
  await setConnection(world, tenantId, claim(11));
  await scheduleDue(world.deps);
  assert.equal((await world.connection(tenantId)).delta?.epoch, 8);
  await handleMessage(world.deps, { kind: 'delta', tenantId, epoch: 7 });
  assert.equal((await world.connection(tenantId)).delta?.epoch, 8, 'the old message is stale');
  await pump(world);
  assert.equal((await world.connection(tenantId)).delta, undefined);
});

test('the poison queue: the run of a message fails, a stale one harms nothing, a deletion is tried again', async () => {
  const tenant = await syncedSite();
  const { tenantId } = tenant;
  await startFullSync(world, tenant);
  await messages();
  const { runId, epoch } = await lastRun(world, tenantId);
  const poison = world.deps.queues['confluence-sync-poison'];
  const put = (value: unknown) => poison.sendMessage(Buffer.from(JSON.stringify(value)).toString('base64'));
  await put({ kind: 'run', tenantId, runId, epoch: epoch - 1 });
  await settlePoisoned(world.deps);
  assert.equal((await lastRun(world, tenantId)).state, 'queued');
  await put({ kind: 'run', tenantId, runId, epoch });
  await put({ kind: 'erase-index', tenantId, cloudId: 'former' });
  await put('none of ours');
  assert.equal(await settlePoisoned(world.deps), 2);
  const failed = await lastRun(world, tenantId);
  assert.equal(failed.state, 'failed');
  assert.equal(failed.error?.code, 'internal_error');
  assert.equal((await poison.getProperties()).approximateMessagesCount, 1, 'an operator finds what is none of ours');
  assert.equal((await world.deps.queues['confluence-sync'].getProperties()).approximateMessagesCount, 2);
  await poison.clearMessages();
  await messages();
  assert.equal((await fullSync(world, tenant)).state, 'succeeded');
});

test('Trigger sync runs all passes, answers with the run under way, and revives it when it stands still', async () => {
  const tenant = await syncedSite();
  const { tenantId } = tenant;
  const first = await triggerSync(world.deps, tenantId);
  assert.equal(first.mode, 'full');
  const queued = await lastRun(world, tenantId);
  assert.deepEqual(queued.passes, ['ids', 'labels', 'attachments']);
  assert.deepEqual(await triggerSync(world.deps, tenantId), first);
  assert.equal((await lastRun(world, tenantId)).epoch, queued.epoch);
  const later = processOf(world, {}, 61_000);
  assert.deepEqual(await triggerSync(later, tenantId), first);
  assert.equal((await lastRun(world, tenantId)).epoch, queued.epoch + 1);
  assert.equal((await settle(world, tenant)).state, 'succeeded');
  assert.notEqual((await triggerSync(world.deps, tenantId)).runId, first.runId);
  await settle(world, tenant);
});

test('Trigger sync promotes a scheduled delta, which loses the run to the full one', async () => {
  const tenant = await syncedSite();
  const { tenantId } = tenant;
  const delta: Run = {
    ...newRun({ tenantId, cloudId: tenant.cloudId, mode: 'delta', trigger: 'schedule' }, new Date()),
    step: 'changes',
  };
  await world.deps.control.items.create(delta);
  await setConnection(world, tenantId, { activeRunId: delta.runId });
  assert.deepEqual(await triggerSync(world.deps, tenantId), { runId: delta.runId, mode: 'full' });
  const run = await settle(world, tenant);
  assert.equal(run.runId, delta.runId);
  assert.deepEqual([run.mode, run.trigger, run.state], ['full', 'manual', 'succeeded']);
});

test('Trigger sync with the share spent while others wait does a delta now and says when the rest follows', async () => {
  const tenant = await syncedSite();
  const { tenantId } = tenant;
  const hour = `${new Date().toISOString().slice(0, 13)}:00:00.000Z`;
  const quota = {
    id: `quota:${hour}`,
    tenantId: '_app',
    type: 'quota',
    hour,
    limit: 65_000,
    spent: { agent: 0, delta: 0, bulk: 7000 },
  };
  await world.deps.control.items.upsert({
    ...quota,
    tenants: { [tenantId]: 7000 },
    waiters: [{ tenantId: 'another', at: new Date().toISOString() }],
  });
  const { mode, fullAt } = await triggerSync(world.deps, tenantId);
  assert.equal(mode, 'delta');
  assert.equal(Date.parse(String(fullAt)), Date.parse(hour) + 3_600_000);
  assert.equal((await settle(world, tenant)).state, 'succeeded');
  assert.equal((await world.connection(tenantId)).passes.labels?.dueAt, fullAt);
  await world.deps.control.item(quota.id, '_app').delete();
});

test('a database that refuses for a while costs time, not the run', async () => {
  const tenant = await syncedSite({ pages: 60, bodyBytes: 200 });
  await startFullSync(world, tenant);
  for (const status of [429, 503, 449, 408]) {
    await databaseFault(world, { status, count: 3, skip: 5, match: { container: 'pages' } });
  }
  await databaseFault(world, {
    status: 503,
    count: 1,
    skip: 3,
    applied: true,
    match: { container: 'pages', operation: 'batch' },
  });
  assert.equal((await settle(world, tenant)).state, 'succeeded');
  await assertIndexIsRight(world, tenant);
  assert.equal((await runsOf(world, tenant.tenantId)).length, 2);
});
