import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { portsFrom, takenPort } from '../../local/stack/ports.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/folders.ts';
import { freePortBase } from '../support/ports.ts';
import { isAlive } from '../support/processes.ts';
import { start } from './start-process.ts';

test('npm start can be killed, started again at once, and stopped by Ctrl-C; nothing is left running', async (t) => {
  const dataDir = await temporaryFolder(t);
  const portBase = await freePortBase();
  const killed = start(t, dataDir, portBase);
  const killedPids = Object.values((await killed.running()).pids);
  killed.child.kill('SIGKILL');

  const again = start(t, dataDir, portBase);
  await eventually(() => assert.deepEqual(killedPids.filter(isAlive), []));
  const pids = Object.values((await again.running()).pids);

  const second = start(t, dataDir, await freePortBase());
  assert.equal(await second.exitCode, 1);
  assert.match(await second.stderr, /^A stack already runs on .*\n$/);

  again.child.kill('SIGINT');
  assert.equal(await again.exitCode, 0, await again.stderr);
  assert.deepEqual(pids.filter(isAlive), []);
  const [firstUrl] = /http:\S+/.exec(await again.stdout) ?? [];
  assert.equal(firstUrl, `http://127.0.0.1:${portBase}`, "the dashboard's address comes first");
});

test('a Node that cannot run TypeScript is refused in one line', async () => {
  const check = join(import.meta.dirname, '../../local/check-node.mjs');
  const run = promisify(execFile)(process.execPath, ['--no-experimental-strip-types', '--import', check, 'none.ts']);
  await assert.rejects(run, { code: 1, stderr: /^This is Node [\d.]+; 24 is needed\..*\n$/ });
});

test('a data folder that cannot be used is refused in one line', async (t) => {
  const file = join(await temporaryFolder(t), 'a-file');
  await writeFile(file, '');
  const { exitCode, stderr } = start(t, file, await freePortBase());
  assert.equal(await exitCode, 1);
  assert.match(await stderr, /^The data folder .*a-file cannot be used: .*LOCAL_DATA_DIR.*\n$/);
});

test('a taken port is named with its part and the setting that moves it', async (t) => {
  const portBase = await freePortBase();
  const squatter = createServer().listen(portBase + 2, '127.0.0.1');
  await once(squatter, 'listening');
  t.after(() => squatter.close());
  const { exitCode, stderr } = start(t, await temporaryFolder(t), portBase);
  assert.equal(await exitCode, 1);
  assert.match(await stderr, new RegExp(`^Port ${portBase + 2} \\(confluence\\) is taken\\..*LOCAL_PORT_BASE.*\\n$`));
});

test('Ctrl-C while the stack is starting leaves nothing behind', async (t) => {
  const dataDir = await temporaryFolder(t);
  const portBase = await freePortBase();
  const { child, exitCode } = start(t, dataDir, portBase);
  const logs = join(dataDir, 'logs', 'cosmos.log');
  await eventually(() => readFile(logs), { intervalMs: 5 });
  child.kill('SIGINT');
  assert.equal(await exitCode, 0);
  assert.equal(await takenPort(portsFrom(portBase)), undefined, 'a part still listens');
  await assert.rejects(readFile(join(dataDir, 'stack.json')), { code: 'ENOENT' });
});
