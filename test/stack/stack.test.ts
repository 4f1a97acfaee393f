import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { CosmosClient } from '@azure/cosmos';
import { QueueServiceClient } from '@azure/storage-queue';
import { azuriteConnectionString } from '../../local/azurite/server.ts';
import { COSMOS_KEY } from '../../local/stack/cloud-resources.ts';
import type { StackFile } from '../../local/stack/data-dir.ts';
import { containers, queues } from '../../shared/platform/containers.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/folders.ts';
import { startOwnStack } from '../support/own-stack.ts';
import { freePortBase } from '../support/ports.ts';
import { isAlive } from '../support/processes.ts';
import { newTenantId, testStack } from '../support/stack.ts';
import { start } from './start-process.ts';

test('a stack starts whole, restarts its functions host, stops without a trace and keeps its data', async (t) => {
  const dataDir = await temporaryFolder(t);
  const first = await startOwnStack(t, { dataDir });

  await t.test('stack.json has the addresses, the processes and a token, for its owner only', async () => {
    assert.deepEqual(JSON.parse(await readFile(first.filePath, 'utf8')), first.file());
    assert.equal((await stat(first.filePath)).mode & 0o777, 0o600);
    assert.deepEqual(Object.keys(first.file().pids).sort(), [
      'azurite',
      'confluence',
      'cosmos',
      'dashboard',
      'functions',
      'issuer',
      'key-vault',
    ]);
    assert.ok(Object.values(first.file().pids).every(isAlive));
    assert.equal(first.file().atlassianUrl, `http://127.0.0.1:${first.portBase + 2}`);
  });

  await t.test('the dashboard answers, and the token is accepted by the functions', async () => {
    assert.equal((await fetch(first.file().dashboardUrl)).status, 200);
    const { dashboard } = testStack(first.file());
    assert.equal((await dashboard(`/api/tenants/${newTenantId()}/confluence`)).status, 200);
  });

  await t.test('containers and queues are there', async () => {
    const database = cosmos(first.file()).database('confluence');
    for (const { id } of containers) assert.equal((await database.container(id).read()).statusCode, 200);
    const { queueUrl } = first.file();
    const service = QueueServiceClient.fromConnectionString(azuriteConnectionString({ queueUrl, blobUrl: queueUrl }));
    for (const name of queues) assert.equal(await service.getQueueClient(name).exists(), true);
  });

  await t.test('a functions host that dies is started again and stack.json follows', async () => {
    const { functions = 0 } = first.file().pids;
    process.kill(functions, 'SIGKILL');
    await eventually(() => assert.ok(first.lines.includes('functions is ready again')));
    const { pids } = JSON.parse(await readFile(first.filePath, 'utf8'));
    assert.notEqual(pids.functions, functions);
    assert.equal((await fetch(`${first.file().functionsUrl}/api/health`)).status, 200);
  });

  await control(first.file()).items.create({ id: 'kept', tenantId: 'tenant-1' });
  const { pids } = first.file();
  await first.stop();
  assert.equal(await first.ended, undefined);
  assert.deepEqual(Object.values(pids).filter(isAlive), []);
  await assert.rejects(stat(first.filePath), { code: 'ENOENT' });

  const elsewhere = 'http://127.0.0.1:1';
  const urls = { ATLASSIAN_AUTH_URL: elsewhere, ATLASSIAN_API_URL: elsewhere };
  const { exitCode, stderr, running } = start(t, dataDir, await freePortBase(), urls);
  const second = await running();

  await t.test('data survives a restart', async () => {
    assert.equal((await control(second).item('kept', 'tenant-1').read()).resource?.id, 'kept');
  });

  await t.test('with addresses for Atlassian in the environment the simulator is not started', () => {
    assert.equal(second.atlassianUrl, elsewhere);
    assert.equal('confluence' in second.pids, false);
  });

  await t.test('the death of another part stops all of it with one line and an exit code', async () => {
    process.kill(second.pids.cosmos ?? 0, 'SIGKILL');
    assert.equal(await exitCode, 1);
    assert.match(await stderr, /^cosmos ended \(SIGKILL\), so the stack stops; see .*cosmos\.log\n$/);
    assert.deepEqual(Object.values(second.pids).filter(isAlive), []);
  });
});

const cosmos = ({ cosmosUrl }: StackFile) => new CosmosClient({ endpoint: cosmosUrl, key: COSMOS_KEY });
const control = (stack: StackFile) => cosmos(stack).database('confluence').container('control');
