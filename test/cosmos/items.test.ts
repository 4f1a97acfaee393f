import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startEmulator, statusOf } from './support.ts';

const emulator = await startEmulator({ after });
const container = await emulator.container({ id: 'items' });

describe('Items', () => {
  test('are created with system properties and read back', async () => {
    const created = await container.items.create({ id: 'a', tenantId: 't', nested: { list: [1, 'zwei', null, true] } });
    assert.equal(created.statusCode, 201);
    const { resource, statusCode, etag } = await container.item('a', 't').read();
    assert.equal(statusCode, 200);
    assert.deepEqual(resource.nested, { list: [1, 'zwei', null, true] });
    assert.deepEqual(Object.keys(resource).slice(-5), ['_rid', '_self', '_etag', '_attachments', '_ts']);
    assert.equal(resource._etag, etag);
    assert.equal(Buffer.from(resource._rid.replaceAll('-', '/'), 'base64').length, 16);
    assert.ok(Math.abs(resource._ts - Date.now() / 1000) < 60);
  });

  test('answer 409 when created twice and 404 when they do not exist', async () => {
    await container.items.create({ id: 'twice', tenantId: 't' });
    assert.equal(await statusOf(container.items.create({ id: 'twice', tenantId: 't' })), 409);
    assert.equal((await container.item('none', 't').read()).statusCode, 404);
    assert.equal(await statusOf(container.item('none', 't').delete()), 404);
    assert.equal(await statusOf(container.item('none', 't').replace({ id: 'none', tenantId: 't' })), 404);
  });

  test('have a new ETag after every write, also of the same content', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) seen.add((await container.items.upsert({ id: 'same', tenantId: 't' })).etag);
    seen.add((await container.item('same', 't').replace({ id: 'same', tenantId: 't' })).etag);
    assert.equal(seen.size, 4);
  });

  test('keep their _rid when replaced and lose it when deleted and created again', async () => {
    const first = await container.items.create<{ id: string; tenantId: string }>({ id: 'rid', tenantId: 't' });
    const second = await container.items.upsert({ ...first.resource, changed: true });
    assert.equal(second.statusCode, 200);
    assert.equal(second.resource?._rid, first.resource?._rid);
    await container.item('rid', 't').delete();
    const third = await container.items.create({ id: 'rid', tenantId: 't' });
    assert.notEqual(third.resource?._rid, first.resource?._rid);
  });

  test('are guarded by If-Match', async () => {
    const { etag } = await container.items.create({ id: 'guard', tenantId: 't' });
    const item = container.item('guard', 't');
    const matching = (condition: string) => ({ accessCondition: { type: 'IfMatch', condition } });
    const { etag: newer } = await item.replace({ id: 'guard', tenantId: 't', n: 1 }, matching(etag));
    assert.equal(await statusOf(item.replace({ id: 'guard', tenantId: 't', n: 2 }, matching(etag))), 412);
    assert.equal(await statusOf(container.items.upsert({ id: 'guard', tenantId: 't' }, matching(etag))), 412);
    assert.equal(await statusOf(item.delete(matching(etag))), 412);
    assert.equal((await item.read()).resource.n, 1);
    await item.delete(matching(newer));
    assert.equal((await item.read()).statusCode, 404);
  });

  test('answer 304 to If-None-Match with their ETag', async () => {
    const { etag } = await container.items.create({ id: 'cached', tenantId: 't' });
    const options = { accessCondition: { type: 'IfNoneMatch', condition: etag } };
    const { statusCode, resource } = await container.item('cached', 't').read(options);
    assert.equal(statusCode, 304);
    assert.equal(resource ?? undefined, undefined);
    await container.items.upsert({ id: 'cached', tenantId: 't' });
    assert.equal((await container.item('cached', 't').read(options)).statusCode, 200);
  });

  for (const id of ['c1:98765', 'with space', 'a%2Fb', 'ümlaut-日本', 'quote\'"', 'plus+and&amp;', 'x'.repeat(1000)]) {
    test(`may have the id ${id.slice(0, 20)}`, async () => {
      await container.items.create({ id, tenantId: 'ids' });
      assert.equal((await container.item(id, 'ids').read()).resource.id, id);
      await container.item(id, 'ids').delete();
      assert.equal((await container.item(id, 'ids').read()).statusCode, 404);
    });
  }

  test('with a bad id or an invalid ttl are refused', async () => {
    const post = (body: unknown) =>
      fetch(`${emulator.url}/dbs/test/colls/items/docs`, {
        method: 'POST',
        headers: { authorization: 'type%3dmaster%26ver%3d1.0%26sig%3dx', 'x-ms-documentdb-partitionkey': '["t"]' },
        body: JSON.stringify(body),
      }).then((response) => response.status);
    assert.equal(await post({ id: 'a/b', tenantId: 't' }), 400);
    assert.equal(await post({ id: 1, tenantId: 't' }), 400);
    assert.equal(await post({ tenantId: 't' }), 400);
    assert.equal(await post([]), 400);
    assert.equal(await post({ id: 'ttl', tenantId: 't', ttl: 0 }), 400);
    assert.equal(await post({ id: 'x'.repeat(1024), tenantId: 't' }), 400);
  });

  test('over 2 MB are refused with 413', async () => {
    const body = { id: 'big', tenantId: 't', text: 'x'.repeat(2 * 1024 * 1024) };
    assert.equal(await statusOf(container.items.create(body)), 413);
    assert.equal(
      await statusOf(container.items.create({ ...body, text: 'x'.repeat(2 * 1024 * 1024 - 1000) })),
      undefined,
    );
  });
});

test('A request without a well-formed authorization header answers 401', async () => {
  const status = async (headers: Record<string, string>) => (await fetch(`${emulator.url}/dbs`, { headers })).status;
  assert.equal(await status({}), 401);
  assert.equal(await status({ authorization: 'Bearer token' }), 401);
  assert.equal(await status({ authorization: '%' }), 401);
  assert.equal(await status({ authorization: encodeURIComponent('type=master&ver=1.0&sig=abc=') }), 200);
});
