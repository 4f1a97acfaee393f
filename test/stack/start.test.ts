import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { portsFrom, takenPort } from '../../local/stack/ports.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/folders.ts';
import { freePortBase } from '../support/ports.ts';
import { isAlive } from '../support/processes.ts';
import { testEnvironment } from '../support/settings.ts';

const START = join(import.meta.dirname, '../../local/start.ts');

interface Start {
  child: ChildProcess;
  stdout: Promise<string>;
  stderr: Promise<string>;
  exitCode: Promise<number | null>;
}

/** What `npm start` runs, with this data folder and these ports. */
function start(t: TestContext, dataDir: string, portBase: number): Start {
  const skipBuild: Record<string, string> = process.env.TEST_STACK ? { LOCAL_SKIP_BUILD: '1' } : {};
  const env = testEnvironment({ LOCAL_DATA_DIR: dataDir, LOCAL_PORT_BASE: String(portBase), ...skipBuild });
  const child = spawn(process.execPath, [START], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  return {
    child,
    stdout: text(child.stdout),
    stderr: text(child.stderr),
    exitCode: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** The process ids of the stack, once it runs. */
async function runningPids(dataDir: string): Promise<number[]> {
  return eventually(
    async () => {
      const { pids } = JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8')) as { pids: object };
      const running = Object.values(pids) as number[];
      assert.ok(running.every(isAlive), 'a former stack is not this one');
      return running;
    },
    { timeoutMs: 60_000 },
  );
}

test('npm start can be killed, started again at once, and stopped by Ctrl-C; nothing is left running', async (t) => {
  const dataDir = await temporaryFolder(t);
  const portBase = await freePortBase();
  const killed = start(t, dataDir, portBase);
  const killedPids = await runningPids(dataDir);
  killed.child.kill('SIGKILL');

  const again = start(t, dataDir, portBase);
  await eventually(() => assert.deepEqual(killedPids.filter(isAlive), []));
  const pids = await runningPids(dataDir);

  const second = start(t, dataDir, await freePortBase());
  assert.equal(await second.exitCode, 1);
  assert.match(await second.stderr, /^A stack already runs on .*\n$/);

  again.child.kill('SIGINT');
  assert.equal(await again.exitCode, 0, await again.stderr);
  assert.deepEqual(pids.filter(isAlive), []);
  const [firstUrl] = /http:\S+/.exec(await again.stdout) ?? [];
  assert.equal(firstUrl, `http://127.0.0.1:${portBase}`, "the dashboard's address comes first");
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
