import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { completeConnect } from '../../shared/connection/complete.ts';
import { disconnect } from '../../shared/connection/disconnect.ts';
import { tidyConnection } from '../../shared/connection/tidy.ts';
import { getAccessToken } from '../../shared/connection/tokens.ts';
import { connectionView } from '../../shared/connection/view.ts';
import { newTenant, startWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

test('one site: consent and completion connect it, and the first full run is queued', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person], { jira: true });
  const connection = await world.connect(tenantId, person, [site.cloudId]);
  const view = await connectionView(world.deps, connection);
  assert.equal(view.status, 'connected');
  assert.equal(view.site?.cloudId, site.cloudId);
  assert.equal(view.account?.name, person.name);
  assert.ok(await getAccessToken(world.deps, tenantId));
  const messages = await world.messages('confluence-sync-now');
  assert.deepEqual(
    messages.filter((message) => message.tenantId === tenantId).map(({ kind }) => kind),
    ['run', 'tidy-connection'],
  );
  await tidyConnection(world.deps, tenantId);
  const events = await world.messages('confluence-events');
  assert.deepEqual(
    events.map(({ type }) => type),
    ['confluence.connected'],
  );
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  await assert.rejects(getAccessToken(world.deps, tenantId), { code: 'not_connected' });
  await tidyConnection(world.deps, tenantId);
  assert.deepEqual(await world.secrets(), { live: [], deleted: [] });
});

test('a completion is good once', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const completion = await world.grant(tenantId, person, [site.cloudId]);
  await completeConnect(world.deps, tenantId, completion);
  await assert.rejects(completeConnect(world.deps, tenantId, completion), { code: 'completion_invalid' });
});
