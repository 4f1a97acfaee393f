import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSupervisor, type PartSpec } from '../../local/supervisor.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/processes.ts';

const FAKE_PART = join(import.meta.dirname, 'fake-part.ts');

async function testSupervisor(t: TestContext) {
  const logDir = await mkdtemp(join(tmpdir(), 'supervisor-'));
  const lines: string[] = [];
  const deaths: string[] = [];
  const restarts: string[] = [];
  const supervisor = createSupervisor({
    logDir,
    log: (line) => lines.push(line),
    onDeath: (message) => deaths.push(message),
    onRestart: (name) => restarts.push(name),
  });
  t.after(async () => {
    await supervisor.stop();
    await rm(logDir, { recursive: true, force: true });
  });
  const fake = (name: string, behaviour = '', rest: Partial<PartSpec> = {}): PartSpec => ({
    name,
    entry: FAKE_PART,
    args: [name, behaviour, join(logDir, 'order.txt')],
    ...rest,
  });
  return { ...supervisor, logDir, lines, deaths, restarts, fake };
}

test('a part is ready with its address, and is gone after stop', async (t) => {
  const { start, stop, pids, fake, deaths } = await testSupervisor(t);
  assert.equal(await start(fake('shop')), 'http://127.0.0.1:1/shop');
  const { shop = 0 } = pids();
  assert.ok(isAlive(shop));
  await stop();
  assert.equal(isAlive(shop), false);
  assert.deepEqual(deaths, []);
});

test('a part that cannot start rejects with what it said on stderr', async (t) => {
  const { start, fake, logDir } = await testSupervisor(t);
  await assert.rejects(start(fake('shop', 'fail')), { message: 'a first line\nshop: the shelf is empty' });
  assert.match(await readFile(join(logDir, 'shop.log'), 'utf8'), /the shelf is empty/);
  await assert.rejects(start(fake('mute', 'silent')), { message: /^mute ended \(exit code 3\) before it was ready/ });
});

test('a part that restarts is ready again under a new process id', async (t) => {
  const { start, pids, fake, lines, restarts, deaths } = await testSupervisor(t);
  await start(fake('host', '', { restart: true }));
  for (let round = 1; round <= 2; round += 1) {
    const { host = 0 } = pids();
    process.kill(host, 'SIGKILL');
    await eventually(() => assert.equal(restarts.length, round));
    assert.notEqual(pids().host, host);
    assert.ok(isAlive(pids().host ?? 0));
  }
  assert.equal(lines[0], 'host ended (SIGKILL); starting it again');
  assert.deepEqual(deaths, []);
});

test('the death of another part is reported once, naming it', async (t) => {
  const { start, pids, fake, deaths } = await testSupervisor(t);
  await start(fake('shop'));
  await start(fake('store'));
  process.kill(pids().store ?? 0, 'SIGKILL');
  await eventually(() => assert.equal(deaths.length, 1));
  assert.match(deaths[0] ?? '', /^store ended \(SIGKILL\), so the stack stops/);
  process.kill(pids().shop ?? 0, 'SIGKILL');
});

test('parts that restart stop first, because they use the others', async (t) => {
  const { start, stop, fake, logDir } = await testSupervisor(t);
  await start(fake('store'));
  await start(fake('host', 'slow', { restart: true }));
  await stop();
  assert.equal(await readFile(join(logDir, 'order.txt'), 'utf8'), 'host\nstore\n');
});

test('a part that does not end in time is killed', async (t) => {
  const { start, stop, pids, fake } = await testSupervisor(t);
  await start(fake('shop', 'stubborn', { stopMs: 50 }));
  const { shop = 0 } = pids();
  await stop();
  assert.equal(isAlive(shop), false);
});

test('a killed supervisor leaves no part behind', async (t) => {
  const logDir = await mkdtemp(join(tmpdir(), 'supervisor-'));
  const parent: ChildProcess = fork(join(import.meta.dirname, 'fake-supervisor.ts'), [logDir, FAKE_PART], {
    execArgv: [],
  });
  t.after(() => rm(logDir, { recursive: true, force: true }));
  const [pids] = (await once(parent, 'message')) as [number[]];
  assert.equal(pids.length, 2);
  assert.ok(pids.every(isAlive));
  parent.kill('SIGKILL');
  await eventually(() => assert.deepEqual(pids.filter(isAlive), []));
});
