import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertIndexIsRight, connectSite, fullSync, pump, runsOf, startWorld, type World } from './support.ts';

let world: World;

before(async () => {
  world = await startWorld({ LOG_LEVEL: 'warn' });
});

after(() => world.close());

test('the first sync brings every page, label, attachment and name into the index, for few requests', async () => {
  const tenant = await connectSite(world, {
    pages: 1000,
    spaces: 5,
    spaceTypes: ['global', 'knowledge_base', 'collaboration', 'personal', 'global'],
    labels: 20,
    attachments: 200,
    users: 50,
    archivedPages: 5,
    trashedPages: 5,
    blogposts: 3,
  });
  await pump(world);
  const [run] = await runsOf(world, tenant.tenantId);
  assert.equal(run?.state, 'succeeded', JSON.stringify(run, null, 1));
  assert.deepEqual(run.problems, []);
  await assertIndexIsRight(world, tenant);
  assert.ok(run.counters.requests <= 28 + 3 + 1, `${run.counters.requests} requests`);
});

test('a full sync of a site that did not change writes nothing', async () => {
  const tenant = await connectSite(world, { pages: 60 });
  await pump(world);
  const run = await fullSync(world, tenant);
  assert.equal(run.state, 'succeeded');
  assert.equal(run.counters.written, 0);
  assert.equal(run.counters.unchanged, 60);
  await assertIndexIsRight(world, tenant);
});
