import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { CosmosClient } from '@azure/cosmos';
import { startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const container = await emulator.container({ id: 'c' });
await container.items.create({ id: 'a', tenantId: 't' });
const fault = (body: unknown) => emulator.emulator('POST', 'faults', body);
beforeEach(() => emulator.emulator('DELETE', 'faults'));

describe('A fault', () => {
  test('of 429 carries the time to wait; the client waits and succeeds', async () => {
    await fault({ status: 429, count: 2, retryAfterMs: 5, match: { operation: 'read' } });
    const { statusCode, headers } = await container.item('a', 't').read();
    assert.equal(statusCode, 200);
    assert.equal(headers['x-ms-throttle-retry-count'], 2);
  });

  test('of 429 reaches a caller whose client does not retry', async () => {
    const client = new CosmosClient({
      endpoint: emulator.url,
      key: 'a2V5',
      connectionPolicy: { retryOptions: { maxRetryAttemptCount: 0 } },
    });
    await fault({ status: 429, retryAfterMs: 1234 });
    const error = await client
      .database('test')
      .container('c')
      .items.upsert({ id: 'b', tenantId: 't' })
      .catch((thrown) => thrown);
    client.dispose();
    assert.deepEqual([error.code, error.substatus, error.retryAfterInMs], [429, 3200, 1234]);
  });

  test('meets only what it is meant for', async () => {
    await fault({ status: 412, match: { operation: 'replace', container: 'c', id: 'a' } });
    assert.equal(await statusOf(container.items.upsert({ id: 'a', tenantId: 't' })), undefined);
    assert.equal(await statusOf(container.item('a', 't').replace({ id: 'a', tenantId: 't' })), 412);
    assert.equal(await statusOf(container.item('a', 't').replace({ id: 'a', tenantId: 't' })), undefined);
    await fault({ status: 449, skip: 1, match: { operation: 'create' } });
    assert.equal(await statusOf(container.items.create({ id: 'skip1', tenantId: 't' })), undefined);
    assert.equal(await statusOf(container.items.create({ id: 'skip2', tenantId: 't' })), 449);
  });

  test('that is applied does the work and loses the answer', async () => {
    await fault({ status: 503, applied: true, match: { operation: 'create' } });
    assert.equal(await statusOf(container.items.create({ id: 'lost', tenantId: 't' })), 503);
    assert.equal((await container.item('lost', 't').read()).statusCode, 200);
  });

  test('that makes no sense is refused', async () => {
    for (const body of [
      {},
      { status: 200 },
      { status: 429, match: { operation: 'nonsense' } },
      { status: 429, match: { tenant: 't' } },
      [],
    ]) {
      await assert.rejects(fault(body), /400/);
    }
    await assert.rejects(emulator.emulator('POST', 'nothing'), /404/);
  });
});

test('Requests and request units are counted by container and operation', async () => {
  await emulator.emulator('DELETE', 'stats');
  await container.items.upsert({ id: 'counted', tenantId: 't', text: 'x'.repeat(4096) });
  await container.item('counted', 't').read();
  await container.item('missing', 't').read();
  await container.items.query('SELECT * FROM c', { partitionKey: 't' }).fetchAll();
  const { containers } = (await emulator.emulator('GET', 'stats')) as {
    containers: Record<string, Record<string, { requests: number; requestUnits: number; statuses: unknown }>>;
  };
  assert.equal(containers.c?.upsert?.requests, 1);
  assert.deepEqual(containers.c?.read?.statuses, { 200: 1, 404: 1 });
  assert.equal(containers.c?.query?.requests, 1);
  assert.ok((containers.c?.upsert?.requestUnits ?? 0) > 6.7);
});

test('A request costs what the published figures say', async () => {
  const text = (kilobytes: number) => 'x'.repeat(kilobytes * 1024 - 300);
  const near = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual - expected) < expected * 0.05, `${actual} is not ${expected}`);
  for (const [kilobytes, write, read] of [
    [1, 5.3, 1],
    [4, 6.7, 1.1],
    [16, 9.5, 1.7],
    [64, 22.7, 4.8],
    [1024, 625, 146],
  ] as const) {
    const id = `size${kilobytes}`;
    near((await container.items.upsert({ id, tenantId: 'sizes', text: text(kilobytes) })).requestCharge, write);
    near((await container.item(id, 'sizes').read()).requestCharge, read);
  }
  const { requestCharge } = await container.items
    .query("SELECT * FROM c WHERE c.id = 'a'", { partitionKey: 't' })
    .fetchAll();
  assert.ok(requestCharge >= 2.3 && requestCharge < 3);
});

describe('Containers and databases', () => {
  test('are listed, read, replaced and deleted', async () => {
    const { database } = await emulator.client.databases.create({ id: 'other' });
    assert.equal(await statusOf(emulator.client.databases.create({ id: 'other' })), 409);
    const { container: made } = await database.containers.create({ id: 'x', partitionKey: '/pk' });
    await made.items.create({ id: '1', pk: 1 });
    assert.deepEqual(
      (await database.containers.readAll().fetchAll()).resources.map((entry) => entry.id),
      ['x'],
    );
    assert.ok((await emulator.client.databases.readAll().fetchAll()).resources.some((entry) => entry.id === 'other'));
    assert.deepEqual((await made.read()).resource?.partitionKey?.paths, ['/pk']);
    await made.delete();
    assert.equal(await statusOf(made.read()), 404);
    await database.containers.create({ id: 'x', partitionKey: '/pk' });
    assert.equal((await made.item('1', 1).read()).statusCode, 404);
    await database.delete();
    assert.equal(await statusOf(database.read()), 404);
  });

  test('with settings that the emulator does not have are refused by name', async () => {
    const { database } = await emulator.client.databases.createIfNotExists({ id: 'test' });
    const message = (definition: object) =>
      database.containers.create({ id: 'bad', partitionKey: '/pk', ...definition }).then(
        () => '',
        (error) => String(error.message),
      );
    assert.match(await message({ uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/a'] }] } }), /uniqueKeyPolicy/);
    assert.match(await message({ partitionKey: { paths: ['/a', '/b'], kind: 'MultiHash' } }), /partition key/);
    assert.match(await message({ vectorEmbeddingPolicy: { vectorEmbeddings: [] } }), /vectorEmbeddingPolicy/);
    assert.match(await message({ defaultTtl: 0 }), /defaultTtl/);
    assert.match(await message({ indexingPolicy: { fullTextIndexes: [{ path: '/a' }] } }), /full-text policy/);
    assert.match(
      await database
        .container('c')
        .scripts.storedProcedure('s')
        .read()
        .then(
          () => '',
          (error) => String(error.message),
        ),
      /sprocs/,
    );
  });
});
