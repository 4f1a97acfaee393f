import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const setClock = (offsetSeconds: number) => emulator.emulator('POST', 'clock', { offsetSeconds });

test('Expired items are invisible at once to reads, queries, writes and batches', async () => {
  const container = await emulator.container({ defaultTtl: 100 });
  await container.items.create({ id: 'default', tenantId: 't' });
  await container.items.create({ id: 'short', tenantId: 't', ttl: 10 });
  await container.items.create({ id: 'never', tenantId: 't', ttl: -1 });
  const ids = async () =>
    (await container.items.query('SELECT VALUE c.id FROM c ORDER BY c.id', { partitionKey: 't' }).fetchAll()).resources;
  assert.deepEqual(await ids(), ['default', 'never', 'short']);
  await setClock(50);
  assert.deepEqual(await ids(), ['default', 'never']);
  assert.equal((await container.item('short', 't').read()).statusCode, 404);
  assert.equal(await statusOf(container.item('short', 't').delete()), 404);
  assert.equal((await container.items.create({ id: 'short', tenantId: 't' })).statusCode, 201);
  await setClock(120);
  assert.deepEqual(await ids(), ['never', 'short']);
  const { result } = await container.items.batch([{ operationType: 'Read', id: 'default' }], 't');
  assert.equal(result?.[0]?.statusCode, 404);
  await setClock(0);
});

test('Expired items are deleted from the disk', async () => {
  const container = await emulator.container({ id: 'swept', defaultTtl: -1 });
  for (let n = 0; n < 5; n++) await container.items.create({ id: `${n}`, tenantId: 't', ...(n < 3 ? { ttl: 5 } : {}) });
  await setClock(10);
  const { storedItems } = (await emulator.emulator('GET', 'stats')) as { storedItems: Record<string, number> };
  assert.equal(storedItems['test/swept'], 2);
  await setClock(0);
});

test('Without a defaultTtl an item with a ttl stays, until the container gets one', async () => {
  const container = await emulator.container();
  await container.items.create({ id: 'a', tenantId: 't', ttl: 1 });
  await container.items.create({ id: 'b', tenantId: 't' });
  await setClock(60);
  assert.equal((await container.item('a', 't').read()).statusCode, 200);
  const { resource } = await container.read();
  await container.replace({ ...resource, id: container.id, partitionKey: { paths: ['/tenantId'] }, defaultTtl: -1 });
  assert.equal((await container.item('a', 't').read()).statusCode, 404);
  assert.equal((await container.item('b', 't').read()).statusCode, 200);
  await setClock(0);
});

test('A write starts the time to live again', async () => {
  const container = await emulator.container({ defaultTtl: 100 });
  await container.items.create({ id: 'a', tenantId: 't' });
  await setClock(80);
  await container.items.upsert({ id: 'a', tenantId: 't' });
  await setClock(150);
  assert.equal((await container.item('a', 't').read()).statusCode, 200);
  await setClock(0);
});
