import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { disconnect } from '../../shared/connection/disconnect.ts';
import { findConnectionsToTidy } from '../../shared/connection/due.ts';
import { tidyConnection } from '../../shared/connection/tidy.ts';
import { getAccessToken } from '../../shared/connection/tokens.ts';
import { connectionView } from '../../shared/connection/view.ts';
import { readItem } from '../../shared/platform/items.ts';
import type { Run } from '../../shared/sync/run.ts';
import { crashAt } from './crash.ts';
import { newTenant, startWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

async function connected(): Promise<{ tenantId: string; cloudId: string; secretName: string; runId: string }> {
  const tenantId = newTenant();
  const person = await world.person();
  const { cloudId } = await world.site([person]);
  const { grant, activeRunId = '' } = await world.connect(tenantId, person, [cloudId]);
  return { tenantId, cloudId, secretName: grant?.secretName ?? '', runId: activeRunId };
}

async function isGone(secretName: string): Promise<boolean> {
  const { live, deleted } = await world.secrets();
  return ![...live, ...deleted].includes(secretName);
}

const eventTypes = async (tenantId: string) =>
  (await world.messages('confluence-events')).filter(({ subject }) => subject === tenantId);

test('disconnecting refuses everything at once, cancels the sync and erases the tokens', async () => {
  const { tenantId, secretName, runId } = await connected();
  await getAccessToken(world.deps, tenantId);
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  await assert.rejects(getAccessToken(world.deps, tenantId), { code: 'not_connected' });
  const run = await readItem<Run>(world.deps.control, tenantId, `run:${runId}`);
  assert.equal(run?.item.state, 'canceled');
  const { status, indexKeptUntil, ...rest } = await connectionView(world.deps, await world.connection(tenantId));
  assert.equal(status, 'disconnected');
  assert.deepEqual(Object.keys(rest), ['statusSince']);
  assert.ok(Math.abs(Date.parse(indexKeptUntil ?? '') - Date.now() - 30 * 86_400_000) < 60_000);
  await tidyConnection(world.deps, tenantId);
  assert.ok(await isGone(secretName));
});

test('disconnecting twice, and disconnecting a tenant that never was, change nothing', async () => {
  const { tenantId } = await connected();
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  const once = await world.connection(tenantId);
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  assert.deepEqual(await world.connection(tenantId), once);
  assert.equal(await disconnect(world.deps, newTenant(), { eraseIndex: true }), undefined);
});

test('a run that checkpoints at the same moment is still canceled', async () => {
  const { tenantId, runId } = await connected();
  const item = world.deps.control.item(`run:${runId}`, tenantId);
  let going = true;
  const worker = (async () => {
    while (going) {
      const { resource, etag } = await item.read<Run>();
      if (!resource || resource.state === 'canceled') return;
      await item
        .replace({ ...resource, state: 'running' }, { accessCondition: { type: 'IfMatch', condition: etag } })
        .catch(() => undefined);
    }
  })();
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  going = false;
  await worker;
  assert.equal((await item.read<Run>()).resource?.state, 'canceled');
});

for (const moment of ['before', 'after'] as const) {
  test(`a process that dies ${moment} any write of a disconnect leaves work that the timer finds and finishes`, async () => {
    let writes = 0;
    for (let call = 1; ; call += 1) {
      const { tenantId, secretName, cloudId } = await connected();
      await tidyConnection(world.deps, tenantId);
      const crashing = crashAt(world.otherProcess(), call, moment);
      const whole = disconnect(crashing.deps, tenantId, { eraseIndex: true }).then(() =>
        tidyConnection(crashing.deps, tenantId),
      );
      const end = await Promise.race([whole.then(() => 'finished'), crashing.crashed.then(() => 'crashed')]);
      if (end === 'finished') break;
      writes = call;
      const { status } = await world.connection(tenantId);
      if (call === 1 && moment === 'before') {
        assert.equal(status, 'connected', 'nothing was written yet');
        continue;
      }
      assert.equal(status, 'disconnected', `after write ${call}`);
      const soon = new Date(Date.now() + 1000);
      const isFound = (await findConnectionsToTidy(world.deps, soon)).includes(tenantId);
      if (isFound) await tidyConnection(world.deps, tenantId);
      assert.ok(await isGone(secretName), `the secret is gone after a crash at write ${call}`);
      const { secretsToErase, indexesToErase, pendingEvents, tidyAt } = await world.connection(tenantId);
      assert.deepEqual(
        [secretsToErase, indexesToErase, pendingEvents, tidyAt],
        [[], [], [], undefined],
        `write ${call}`,
      );
      const events = await eventTypes(tenantId);
      assert.equal(
        new Set(events.filter(({ type }) => type === 'confluence.disconnected').map(({ id }) => id)).size,
        1,
      );
      const erasures = (await world.messages('confluence-sync')).filter((message) => message.cloudId === cloudId);
      assert.ok(erasures.length >= 1);
    }
    assert.ok(writes >= 8, `${writes} writes were reached`);
  });
}

test('events are sent at least once with a stable id, as CloudEvents', async () => {
  const { tenantId, cloudId } = await connected();
  const [stored] = (await world.connection(tenantId)).pendingEvents;
  // The first write of tidying up is the event; the process dies before it could clear it.
  const crashing = crashAt(world.otherProcess(), 1, 'after');
  void tidyConnection(crashing.deps, tenantId);
  await crashing.crashed;
  await tidyConnection(world.deps, tenantId);
  await tidyConnection(world.deps, tenantId);
  const events = await eventTypes(tenantId);
  assert.equal(events.length, 2);
  const { data, ...attributes } = events[0] ?? {};
  assert.deepEqual(attributes, {
    specversion: '1.0',
    id: stored?.id,
    source: `/tenants/${tenantId}/confluence`,
    type: 'confluence.connected',
    subject: tenantId,
    time: stored?.time,
    datacontenttype: 'application/json',
  });
  assert.partialDeepStrictEqual(data, { tenantId, site: { cloudId } });
  assert.deepEqual(events[1], events[0]);
});

test('the index of a disconnected tenant is handed over for deletion when its retention is over', async () => {
  const { tenantId, cloudId } = await connected();
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  await tidyConnection(world.deps, tenantId);
  await world.messages('confluence-sync');
  const before = { ...world.deps, now: () => new Date(Date.now() + 29 * 86_400_000) };
  assert.ok(!(await findConnectionsToTidy(before, before.now())).includes(tenantId));
  await tidyConnection(before, tenantId);
  assert.deepEqual(await world.messages('confluence-sync'), []);
  const after = { ...world.deps, now: () => new Date(Date.now() + 31 * 86_400_000) };
  assert.ok((await findConnectionsToTidy(after, after.now())).includes(tenantId));
  await tidyConnection(after, tenantId);
  assert.deepEqual(await world.messages('confluence-sync'), [{ kind: 'erase-index', tenantId, cloudId }]);
  const { site, tidyAt } = await world.connection(tenantId);
  assert.deepEqual([site, tidyAt], [undefined, undefined]);
});

test('two workers that tidy up at once do not get in each other’s way', async () => {
  const { tenantId, secretName } = await connected();
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  const results = await Promise.allSettled([1, 2, 3].map(() => tidyConnection(world.otherProcess(), tenantId)));
  await tidyConnection(world.deps, tenantId);
  assert.ok(results.some(({ status }) => status === 'fulfilled'));
  assert.ok(await isGone(secretName));
  assert.deepEqual((await world.connection(tenantId)).secretsToErase, []);
});

test('no version but the empty one can be read once a secret is being deleted', async () => {
  const { tenantId, secretName } = await connected();
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  const secrets = new Proxy(world.deps.secrets, {
    get(client, name) {
      const member = Reflect.get(client, name) as unknown;
      if (name === 'beginDeleteSecret') return () => Promise.reject(new Error('stopped here'));
      return typeof member === 'function' ? member.bind(client) : member;
    },
  });
  await assert.rejects(tidyConnection({ ...world.deps, secrets }, tenantId));
  const readable: (string | undefined)[] = [];
  for await (const { version, enabled } of world.deps.secrets.listPropertiesOfSecretVersions(secretName)) {
    if (enabled && version) readable.push((await world.deps.secrets.getSecret(secretName, { version })).value);
  }
  assert.deepEqual(new Set(readable), new Set(['{}']));
  await tidyConnection(world.deps, tenantId);
  assert.ok(await isGone(secretName));
});

test('a late reader of the newest version finds no token while the secret is being erased', async () => {
  const { tenantId, secretName } = await connected();
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  // Stops after the empty version, before anything else is done to the secret.
  const secrets = new Proxy(world.deps.secrets, {
    get(client, name) {
      const member = Reflect.get(client, name) as unknown;
      if (name === 'listPropertiesOfSecretVersions') return () => assert.fail('stopped here');
      return typeof member === 'function' ? member.bind(client) : member;
    },
  });
  await assert.rejects(tidyConnection({ ...world.deps, secrets }, tenantId));
  assert.equal((await world.deps.secrets.getSecret(secretName)).value, '{}');
  await tidyConnection(world.deps, tenantId);
  assert.ok(await isGone(secretName));
});
