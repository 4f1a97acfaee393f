import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const container = await emulator.container();
for (const tenantId of ['a', 'b']) {
  for (let n = 0; n < 3; n++) await container.items.create({ id: `${n}`, tenantId, n });
}

describe('A partition', () => {
  test('is all that a query with its key sees', async () => {
    for (const query of [
      'SELECT * FROM c',
      'SELECT * FROM c ORDER BY c.n DESC',
      "SELECT * FROM c WHERE c.tenantId != 'x' OR c.n >= 0",
    ]) {
      const { resources } = await container.items.query(query, { partitionKey: 'a' }).fetchAll();
      assert.deepEqual(new Set(resources.map((item) => item.tenantId)), new Set(['a']), query);
      assert.equal(resources.length, 3);
    }
    const { resources } = await container.items.query('SELECT VALUE COUNT(1) FROM c', { partitionKey: 'b' }).fetchAll();
    assert.deepEqual(resources, [3]);
  });

  test('whose key is compared with another value gives nothing', async () => {
    const query = { query: 'SELECT * FROM c WHERE c.tenantId = @t', parameters: [{ name: '@t', value: 'b' }] };
    assert.deepEqual((await container.items.query(query, { partitionKey: 'a' }).fetchAll()).resources, []);
  });

  test('hides its items from a point read, write or delete with another key', async () => {
    assert.equal((await container.item('0', 'c').read()).statusCode, 404);
    assert.equal(await statusOf(container.item('0', 'c').delete()), 404);
    assert.equal(await statusOf(container.item('0', 'c').patch([{ op: 'set', path: '/n', value: 1 }])), 404);
    assert.equal(await statusOf(container.item('0', 'a').replace({ id: '0', tenantId: 'b' })), 400);
  });

  test('key may be a string, a number, a boolean, null or missing, each of them another partition', async () => {
    const keys = ['1', 1, true, null, undefined];
    for (const tenantId of keys)
      await container.items.create({ id: 'typed', ...(tenantId === undefined ? {} : { tenantId }) });
    for (const key of keys) {
      const { resource } = await container.item('typed', key).read();
      assert.equal(resource.tenantId, key);
    }
  });

  test('key inside the item may be nested', async () => {
    const nested = await emulator.container({ partitionKey: { paths: ['/owner/id'] } });
    await nested.items.create({ id: '1', owner: { id: 'x' } });
    assert.equal((await nested.item('1', 'x').read()).statusCode, 200);
    const query = "SELECT VALUE c.id FROM c WHERE c.owner.id = 'x'";
    assert.deepEqual((await nested.items.query(query).fetchAll()).resources, ['1']);
  });
});
