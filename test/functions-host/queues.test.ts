import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { QueueServiceClient } from '@azure/storage-queue';
import { type Azurite, startAzurite } from '../../local/azurite/server.ts';
import { startHost, until, writeApp } from './fixture.ts';

/** Functions that record what they see; `gate` holds them until it is opened. */
const SOURCE = `
import { app } from '@azure/functions';
import { setTimeout as delay } from 'node:timers/promises';
const seen = [];
let running = 0, most = 0, open = !process.env.GATE, failures = Number(process.env.FAILURES ?? 0);
if (process.env.GATE === 'until SIGTERM') process.once('SIGTERM', () => setTimeout(() => { open = true; }, 100));
app.storageQueue('work', { queueName: '%QUEUE%', connection: 'AzureWebJobsStorage', handler: async (message, context) => {
  seen.push({ message, metadata: context.triggerMetadata, trace: context.traceContext.traceParent });
  most = Math.max(most, ++running);
  try {
    while (!open) await delay(10);
    if (failures-- > 0) throw new Error('not yet');
  } finally { running--; }
} });
app.storageQueue('other', { queueName: '%QUEUE%-other', connection: 'AzureWebJobsStorage', handler: (message) => { seen.push({ other: message }); } });
app.http('seen', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ jsonBody: { seen, running, most } }) });
app.http('wait', { methods: ['GET'], authLevel: 'anonymous', handler: async () => {
  running++;
  while (!open) await delay(10);
  return { body: 'waited' };
} });
app.http('open', { methods: ['POST'], authLevel: 'anonymous', handler: () => { open = true; return {}; } });
`;

interface Seen {
  seen: { message: unknown; metadata: Record<string, unknown>; trace: string; other?: unknown }[];
  running: number;
  most: number;
}

// Mostly waiting: several hosts at a time keep it short.
describe('queue triggers', { concurrency: 4 }, () => {
  let azurite: Azurite;
  let dataDir: string;
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'queues-'));
    azurite = await startAzurite({ blobPort: 0, queuePort: 0, dataDir });
  });
  after(async () => {
    await azurite.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  let count = 0;
  const start = async (t: TestContext, options: { env?: Record<string, string>; queues?: object } = {}) => {
    const name = `work-${++count}`;
    const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
    const queue = service.getQueueClient(name);
    const other = service.getQueueClient(`${name}-other`);
    const appDir = writeApp(t, {
      source: SOURCE,
      hostJson: { extensions: { queues: { maxPollingInterval: '00:00:00.200', ...options.queues } } },
      localSettings: { Values: { AzureWebJobsStorage: azurite.connectionString, QUEUE: 'overridden' } },
    });
    const env = { QUEUE: name, ...options.env };
    const host = await startHost(t, appDir, env);
    const send = (text: string) => queue.sendMessage(Buffer.from(text).toString('base64'));
    const seen = async () => (await (await fetch(`${host.url}/api/seen`)).json()) as Seen;
    const untilSeen = (number: number) =>
      until(`${number} messages`, async () => ((await seen()).seen.length >= number ? seen() : undefined));
    const untilCreated = () => until('the queue', () => queue.exists());
    const waiting = async () => (await queue.getProperties()).approximateMessagesCount ?? 0;
    return { host, appDir, env, service, queue, other, send, seen, untilSeen, untilCreated, waiting };
  };

  it('creates the queue, decodes base64 and JSON, and deletes a message that succeeded', async (t) => {
    const { untilCreated, send, untilSeen, waiting, host } = await start(t);
    await untilCreated();
    await send('{"a":1}');
    const { seen } = await untilSeen(1);
    assert.deepEqual(seen[0]?.message, { a: 1 });
    assert.match(seen[0]?.trace ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const { metadata } = seen[0] ?? { metadata: {} };
    assert.equal(metadata.dequeueCount, 1);
    assert.match(String(metadata.id), /^[0-9a-f-]{36}$/);
    assert.ok(metadata.popReceipt);
    for (const key of ['insertionTime', 'expirationTime', 'nextVisibleTime']) {
      assert.ok(Date.parse(String(metadata[key])) > 0, key);
    }
    await until('the deletion', async () => (await waiting()) === 0);
    assert.match(host.output(), /queue work succeeded \d+ ms/);
  });

  it('shows a failed message again after visibilityTimeout, which a setting may override', async (t) => {
    const { untilCreated, send, untilSeen, waiting } = await start(t, {
      env: { FAILURES: '1', AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:00' },
      queues: { visibilityTimeout: '01:00:00' },
    });
    await untilCreated();
    await send('again');
    const { seen } = await untilSeen(2);
    assert.deepEqual(
      seen.map(({ message, metadata }) => [message, metadata.dequeueCount]),
      [
        ['again', 1],
        ['again', 2],
      ],
    );
    await until('the deletion', async () => (await waiting()) === 0);
  });

  it('keeps a failed message hidden for the whole visibilityTimeout', async (t) => {
    const { untilCreated, send, queue, untilSeen, host } = await start(t, {
      env: { FAILURES: '1' },
      queues: { visibilityTimeout: '01:00:00' },
    });
    await untilCreated();
    await send('later');
    await untilSeen(1);
    await until('the failure', () => host.output().includes('not yet'));
    await host.stop();
    assert.equal((await queue.receiveMessages()).receivedMessageItems.length, 0);
    assert.equal((await queue.getProperties()).approximateMessagesCount, 1);
  });

  it('moves a message to the poison queue when it has failed maxDequeueCount times', async (t) => {
    const { untilCreated, send, service, queue, untilSeen, waiting, host } = await start(t, {
      env: { FAILURES: '99' },
      queues: { visibilityTimeout: '00:00:00', maxDequeueCount: 2 },
    });
    await untilCreated();
    await send('hopeless');
    const poison = service.getQueueClient(`${queue.name}-poison`);
    const [item] = await until('the poison message', async () => {
      if (!(await poison.exists())) return undefined;
      const { peekedMessageItems } = await poison.peekMessages();
      return peekedMessageItems.length > 0 ? peekedMessageItems : undefined;
    });
    assert.equal(Buffer.from(item?.messageText ?? '', 'base64').toString(), 'hopeless');
    await until('the deletion', async () => (await waiting()) === 0);
    assert.equal((await untilSeen(2)).seen.length, 2);
    assert.match(host.output(), /moves to work-\d+-poison: it failed 2 times/);
  });

  it('moves a message that is not base64 to the poison queue without running the function', async (t) => {
    const { untilCreated, service, queue, seen } = await start(t);
    await untilCreated();
    await queue.sendMessage('{"plain":true}');
    const poison = service.getQueueClient(`${queue.name}-poison`);
    const text = await until('the poison message', async () => {
      if (!(await poison.exists())) return undefined;
      return (await poison.peekMessages()).peekedMessageItems[0]?.messageText;
    });
    assert.equal(text, '{"plain":true}');
    assert.deepEqual((await seen()).seen, []);
  });

  it('takes plain text when messageEncoding is none', async (t) => {
    const { untilCreated, queue, untilSeen } = await start(t, { queues: { messageEncoding: 'none' } });
    await untilCreated();
    await queue.sendMessage('plain & simple');
    assert.equal((await untilSeen(1)).seen[0]?.message, 'plain & simple');
  });

  it('runs at most batchSize + newBatchThreshold messages of a function at a time, others beside it', async (t) => {
    const { untilCreated, send, other, untilSeen, seen, host } = await start(t, {
      env: { GATE: 'closed' },
      queues: { batchSize: 2, newBatchThreshold: 1 },
    });
    await untilCreated();
    for (let index = 0; index < 8; index++) await send(`m${index}`);
    await untilSeen(2);
    await other.createIfNotExists();
    await other.sendMessage(Buffer.from('beside').toString('base64'));
    await until('the other function', async () => (await seen()).seen.some(({ other }) => other === 'beside'));
    const { running } = await seen();
    assert.ok(running >= 2 && running <= 3, `${running} at a time`);
    await fetch(`${host.url}/api/open`, { method: 'POST' });
    const { most } = await untilSeen(9);
    assert.ok(most <= 3, `${most} at a time`);
  });

  it('renews the lease of a running message, so that it is delivered once', async (t) => {
    const { untilCreated, send, untilSeen, queue, host, waiting } = await start(t, {
      env: { GATE: 'closed', LOCAL_QUEUE_HIDDEN_SECONDS: '1' },
    });
    await untilCreated();
    await send('slow');
    const { seen } = await untilSeen(1);
    const firstExpiry = Date.parse(String(seen[0]?.metadata.nextVisibleTime));
    await until('two leases to pass', () => Date.now() > firstExpiry + 1000);
    assert.equal((await queue.receiveMessages()).receivedMessageItems.length, 0);
    await fetch(`${host.url}/api/open`, { method: 'POST' });
    await until('the deletion', async () => (await waiting()) === 0);
    assert.equal((await untilSeen(1)).seen.length, 1);
  });

  it('delivers a message of a killed process again after the hidden time', async (t) => {
    const first = await start(t, { env: { GATE: 'closed', LOCAL_QUEUE_HIDDEN_SECONDS: '1' } });
    await first.untilCreated();
    await first.send('survivor');
    await first.untilSeen(1);
    first.host.process.kill('SIGKILL');
    const second = await startHost(t, first.appDir, { ...first.env, LOCAL_DRAIN_SECONDS: '0' });
    const [again] = await until('the second delivery', async () => {
      const { seen } = (await (await fetch(`${second.url}/api/seen`)).json()) as Seen;
      return seen.length > 0 ? seen : undefined;
    });
    assert.equal(again?.metadata.dequeueCount, 2);
  });

  it('lets running messages and requests finish on SIGTERM, takes no new ones and exits with 0', async (t) => {
    const { untilCreated, send, untilSeen, host, waiting, seen } = await start(t, { env: { GATE: 'until SIGTERM' } });
    await untilCreated();
    await send('last');
    await untilSeen(1);
    const answer = fetch(`${host.url}/api/wait`).then((response) => response.text());
    await until('both to run', async () => (await seen()).running === 2);
    const exit = host.stop();
    assert.equal(await answer, 'waited');
    assert.equal(await exit, 0);
    assert.equal(await waiting(), 0);
    assert.match(host.output(), /queue work succeeded/);
  });

  it('makes a message visible at once when its run outlasts the drain time', async (t) => {
    const { untilCreated, send, untilSeen, host, queue } = await start(t, {
      env: { GATE: 'closed', LOCAL_DRAIN_SECONDS: '0.1' },
    });
    await untilCreated();
    await send('unfinished');
    await untilSeen(1);
    assert.equal(await host.stop(), 0);
    const [item] = (await queue.receiveMessages()).receivedMessageItems;
    assert.equal(Buffer.from(item?.messageText ?? '', 'base64').toString(), 'unfinished');
  });

  it('gives its messages back also when its parent and the reader of its output are gone', async (t) => {
    const { untilCreated, send, untilSeen, host, queue } = await start(t, {
      env: { GATE: 'closed', LOCAL_DRAIN_SECONDS: '0.1' },
    });
    await untilCreated();
    await send('orphan');
    await untilSeen(1);
    // A run that ends, and logs, while nobody reads.
    const closing = fetch(`${host.url}/api/wait`).catch(() => undefined);
    host.process.stdout?.destroy();
    host.process.stderr?.destroy();
    const exited = once(host.process, 'exit');
    await fetch(`${host.url}/api/seen`);
    host.process.disconnect();
    assert.deepEqual(await exited, [0, null]);
    await closing;
    assert.equal((await queue.receiveMessages()).receivedMessageItems.length, 1);
  });

  it('runs a queue function with an input of its own on the admin route', async (t) => {
    const { host, seen } = await start(t);
    assert.equal((await host.run('work', '{"by":"hand"}')).status, 200);
    assert.deepEqual((await seen()).seen[0]?.message, { by: 'hand' });
  });

  it('does not read the queue of a function that a setting disables', async (t) => {
    const { untilCreated, other, host, seen, send } = await start(t, {
      env: { 'AzureWebJobs.other.Disabled': 'true' },
    });
    await other.createIfNotExists();
    await other.sendMessage(Buffer.from('ignored').toString('base64'));
    await untilCreated();
    await send('done');
    await until('the enabled function', async () => (await seen()).seen.length > 0);
    await host.stop();
    assert.equal((await other.peekMessages()).peekedMessageItems.length, 1);
  });
});
