import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startEmulator } from './support.ts';

test('Items, containers and indexes survive a restart; the files are private', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'cosmos-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  const first = await startEmulator(t, dataDir);
  const container = await first.container({
    id: 'kept',
    fullTextPolicy: { defaultLanguage: 'en-US', fullTextPaths: [{ path: '/body', language: 'en-US' }] },
    indexingPolicy: { fullTextIndexes: [{ path: '/body' }] },
  });
  const { resource: before } = await container.items.create({ id: 'a', tenantId: 't', body: 'remembered words' });
  const { resource: deleted } = await container.items.create({ id: 'b', tenantId: 't' });
  await container.item('b', 't').delete();
  assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
  for (const file of await readdir(dataDir)) assert.equal((await stat(join(dataDir, file))).mode & 0o777, 0o600, file);
  await first.close();

  const second = await startEmulator(t, dataDir);
  const again = second.client.database('test').container('kept');
  assert.deepEqual((await again.item('a', 't').read()).resource, before);
  const { resources } = await again.items
    .query("SELECT VALUE c.id FROM c WHERE FullTextContains(c.body, 'word')")
    .fetchAll();
  assert.deepEqual(resources, ['a']);
  const { resource: recreated } = await again.items.create({ id: 'b', tenantId: 't' });
  assert.notEqual(recreated?._rid, deleted?._rid);
});
