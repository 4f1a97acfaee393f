import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { QueueServiceClient } from '@azure/storage-queue';
import { startAzurite } from '../../local/azurite/server.ts';

const MAIN = resolve(import.meta.dirname, '../../local/azurite/main.ts');

const folder = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'azurite-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

describe('Azurite', () => {
  it('answers the real queue client, speaks blobs, and keeps messages across a restart', async (t) => {
    const dataDir = folder(t);
    const first = await startAzurite({ blobPort: 0, queuePort: 0, dataDir });
    const queue = QueueServiceClient.fromConnectionString(first.connectionString).getQueueClient('kept');
    await queue.create();
    await queue.sendMessage('still here');
    const blobs = await fetch(`${first.blobUrl}?comp=list`);
    assert.match(blobs.headers.get('server') ?? '', /^Azurite-Blob/);
    await first.close();

    const second = await startAzurite({ blobPort: 0, queuePort: 0, dataDir });
    const again = QueueServiceClient.fromConnectionString(second.connectionString).getQueueClient('kept');
    const [item] = (await again.receiveMessages()).receivedMessageItems;
    await second.close();
    assert.equal(item?.messageText, 'still here');
  });

  it('ends with its parent and tells it where the queues are', async (t) => {
    const child = fork(MAIN, ['--blob-port', '0', '--queue-port', '0', '--data-dir', folder(t)]);
    const [message] = (await once(child, 'message')) as [{ ready: string }];
    assert.match(message.ready, /^http:\/\/127\.0\.0\.1:\d+\/devstoreaccount1$/);
    const exited = once(child, 'exit');
    child.disconnect();
    assert.deepEqual(await exited, [0, null]);
  });

  it('rejects with the listen error when a port is taken', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    t.after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const started = startAzurite({ blobPort: port, queuePort: 0, dataDir: folder(t) });
    await assert.rejects(started, { code: 'EADDRINUSE' });
  });
});
