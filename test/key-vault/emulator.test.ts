import assert from 'node:assert/strict';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startKeyVault } from '../../local/key-vault/server.ts';
import { testVault } from './vault.ts';

test('secrets, deletions and the certificate survive a restart', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'key-vault-'));
  const before = await testVault(t, { dataDir });
  await before.client.setSecret('a', 'one');
  await before.client.setSecret('b', 'two');
  await (await before.client.beginDeleteSecret('b', { intervalInMs: 5 })).pollUntilDone();
  const certificate = await readFile(before.certificatePath, 'utf8');
  await before.close();
  const after = await testVault(t, { dataDir });
  assert.equal(await readFile(after.certificatePath, 'utf8'), certificate);
  assert.equal((await after.client.getSecret('a')).value, 'one');
  await assert.rejects(after.client.getSecret('b'), { statusCode: 404 });
  assert.equal((await after.client.getDeletedSecret('b')).name, 'b');
});

test('only the owner can read the data', async (t) => {
  const { client, dataDir } = await testVault(t);
  await client.setSecret('a', 'one');
  assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
  for (const file of ['secrets.sqlite', 'secrets.sqlite-wal', 'certificate.key'])
    assert.equal((await stat(join(dataDir, file))).mode & 0o777, 0o600, file);
});

test('a taken port rejects with EADDRINUSE', async (t) => {
  const { url, dataDir } = await testVault(t);
  const port = Number(new URL(url).port);
  await assert.rejects(startKeyVault({ port, dataDir }), { code: 'EADDRINUSE', port });
});

test('a fault makes the named operation fail as often as it says', async (t) => {
  const { client, control } = await testVault(t);
  await client.setSecret('a', 'one');
  await control('POST', 'faults', { status: 403, match: 'setSecret', count: 1 });
  await assert.rejects(client.setSecret('a', 'two'), { statusCode: 403 });
  assert.equal((await client.getSecret('a')).value, 'one');
  await client.setSecret('a', 'two');
  assert.deepEqual(await control('GET', 'faults'), { faults: [] });
});

test('a vault that is down stays down until the switch is cleared', async (t) => {
  const { client, control } = await testVault(t);
  await client.setSecret('a', 'one');
  await control('POST', 'faults', { status: 403, durationSeconds: 600 });
  for (let n = 0; n < 3; n += 1) await assert.rejects(client.getSecret('a'), { statusCode: 403 });
  await control('DELETE', 'faults');
  assert.equal((await client.getSecret('a')).value, 'one');
});

test('throttling carries Retry-After, which the client obeys by itself', async (t) => {
  const { client, control } = await testVault(t);
  await control('POST', 'faults', { status: 429, retryAfterSeconds: 0, match: 'setSecret', count: 2 });
  await client.setSecret('a', 'one');
  const stats = await control('GET', 'stats');
  assert.partialDeepStrictEqual(stats, { operations: { setSecret: { requests: 3, failed: 2 } } });
});

test('an operation can be carried out while its answer is lost', async (t) => {
  const { client, control } = await testVault(t);
  await control('POST', 'faults', { status: 400, match: 'setSecret', count: 1, afterOperation: true });
  await assert.rejects(client.setSecret('a', 'one'), { statusCode: 400 });
  assert.equal((await client.getSecret('a')).value, 'one');
});

test('an answer can be delayed', async (t) => {
  const { client, control } = await testVault(t);
  await control('POST', 'faults', { delayMs: 600_000, match: 'setSecret' });
  const aborted = new AbortController();
  const slow = client.setSecret('a', 'one', { abortSignal: aborted.signal });
  await assert.rejects(client.getSecret('a'), { statusCode: 404 }, 'other operations go on');
  aborted.abort();
  await assert.rejects(slow, { name: 'AbortError' });
});

test('a fault that cannot match is refused', async (t) => {
  const { control } = await testVault(t);
  assert.match(JSON.stringify(await control('POST', 'faults', { status: 503, match: 'sign' })), /not one of setSecret/);
  assert.match(JSON.stringify(await control('POST', 'faults', { count: 1 })), /give a status/);
  assert.deepEqual(await control('GET', 'faults'), { faults: [] });
});

test('operations are counted, reads and writes apart, and the count can be reset', async (t) => {
  const { client, control } = await testVault(t);
  await client.setSecret('a', 'one');
  await client.getSecret('a');
  await assert.rejects(client.getSecret('b'));
  assert.deepEqual(await control('GET', 'stats'), {
    reads: 2,
    writes: 1,
    operations: { setSecret: { requests: 1, failed: 0 }, getSecret: { requests: 2, failed: 1 } },
  });
  await control('DELETE', 'stats');
  assert.deepEqual(await control('GET', 'stats'), { reads: 0, writes: 0, operations: {} });
});
