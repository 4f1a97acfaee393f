import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { BulkOperationType, type OperationInput } from '@azure/cosmos';
import { startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const container = await emulator.container();
const create = (id: string, more = {}): OperationInput => ({
  operationType: BulkOperationType.Create,
  resourceBody: { id, tenantId: 't', ...more },
});
const exists = async (id: string) => (await container.item(id, 't').read()).statusCode === 200;

describe('A transactional batch', () => {
  test('does all its operations', async () => {
    await container.items.create({ id: 'old', tenantId: 't', n: 1 });
    const { result, code } = await container.items.batch(
      [
        create('b1'),
        { operationType: 'Upsert', resourceBody: { id: 'b2', tenantId: 't' } },
        { operationType: 'Patch', id: 'old', resourceBody: { operations: [{ op: 'incr', path: '/n', value: 4 }] } },
        { operationType: 'Read', id: 'old' },
        { operationType: 'Replace', id: 'b2', resourceBody: { id: 'b2', tenantId: 't', replaced: true } },
        { operationType: 'Delete', id: 'b1' },
      ],
      't',
    );
    assert.equal(code, 200);
    assert.deepEqual(
      result?.map((entry) => entry.statusCode),
      [201, 201, 200, 200, 200, 204],
    );
    assert.equal(result?.[3]?.resourceBody?.n, 5);
    assert.ok(result?.[0]?.eTag && Number(result[0].requestCharge) > 0);
    assert.equal(await exists('b1'), false);
    assert.equal((await container.item('b2', 't').read()).resource.replaced, true);
  });

  test('does none of them when one fails, and answers 424 for the others', async () => {
    const { etag } = await container.items.create({ id: 'stale', tenantId: 't' });
    await container.items.upsert({ id: 'stale', tenantId: 't', newer: true });
    const { result, code } = await container.items.batch(
      [
        create('n1'),
        { operationType: 'Replace', id: 'stale', ifMatch: etag, resourceBody: { id: 'stale', tenantId: 't' } },
        create('n2'),
      ],
      't',
    );
    assert.equal(code, 207);
    assert.deepEqual(
      result?.map((entry) => entry.statusCode),
      [424, 412, 424],
    );
    assert.deepEqual([await exists('n1'), await exists('n2')], [false, false]);
    assert.equal((await container.item('stale', 't').read()).resource.newer, true);
    assert.deepEqual(
      (
        await container.items
          .query("SELECT VALUE COUNT(1) FROM c WHERE c.id IN ('n1', 'n2')", { partitionKey: 't' })
          .fetchAll()
      ).resources,
      [0],
    );
  });

  test('of another partition key in the item, of over 100 operations or over 2 MB is refused', async () => {
    const { result } = await container.items.batch(
      [create('ok'), { operationType: 'Create', resourceBody: { id: 'x', tenantId: 'other' } }],
      't',
    );
    assert.deepEqual(
      result?.map((entry) => entry.statusCode),
      [424, 400],
    );
    const many = Array.from({ length: 101 }, (_, n) => create(`m${n}`));
    await assert.rejects(container.items.batch(many, 't'), /100 operations/);
    const raw = await fetch(`${emulator.url}/dbs/test/colls/${container.id}/docs`, {
      method: 'POST',
      headers: {
        authorization: 'type%3dmaster%26ver%3d1.0%26sig%3dx',
        'x-ms-documentdb-partitionkey': '["t"]',
        'x-ms-cosmos-is-batch-request': 'true',
        'x-ms-cosmos-batch-atomic': 'true',
      },
      body: JSON.stringify(many),
    });
    assert.equal(raw.status, 400);
    const big = [create('g1', { text: 'x'.repeat(1_100_000) }), create('g2', { text: 'x'.repeat(1_100_000) })];
    const failure = await container.items.batch(big, 't').catch((error) => error.cause);
    assert.equal(failure.code, 413);
  });
});

describe('A bulk request', () => {
  test('has a result for each operation, over several partitions, and failures hold up nothing', async () => {
    await container.items.create({ id: 'taken', tenantId: 't' });
    const operations: OperationInput[] = [
      { operationType: 'Create', partitionKey: 't', resourceBody: { id: 'taken', tenantId: 't' } },
      { operationType: 'Upsert', partitionKey: 'u', resourceBody: { id: 'u1', tenantId: 'u' } },
      { operationType: 'Delete', partitionKey: 't', id: 'nobody' },
      {
        operationType: 'Patch',
        partitionKey: 't',
        id: 'taken',
        ifMatch: '"wrong"',
        resourceBody: [{ op: 'set', path: '/x', value: 1 }] as never,
      },
      { operationType: 'Read', partitionKey: 't', id: 'taken' },
    ];
    const results = await container.items.executeBulkOperations(operations);
    assert.deepEqual(
      results.map((entry) => entry.response?.statusCode ?? entry.error?.code),
      [409, 201, 404, 412, 200],
    );
    assert.equal((await container.item('u1', 'u').read()).statusCode, 200);
  });

  test('retries what was throttled and reports what stays throttled', async () => {
    await emulator.emulator('POST', 'faults', {
      status: 429,
      count: 1,
      retryAfterMs: 1,
      match: { operation: 'bulk-item', id: 'slow' },
    });
    const upsert = (id: string): OperationInput => ({
      operationType: 'Upsert',
      partitionKey: 't',
      resourceBody: { id, tenantId: 't' },
    });
    const results = await container.items.executeBulkOperations([upsert('quick'), upsert('slow')]);
    assert.deepEqual(
      results.map((entry) => entry.response?.statusCode),
      [201, 201],
    );
  });
});

test('A write of one item that fails leaves nothing behind', async () => {
  const response = container.items.create({ id: 'never', tenantId: 't', ttl: -5 });
  assert.equal(await statusOf(response), 400);
  assert.equal(await exists('never'), false);
});
