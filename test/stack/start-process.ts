import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { StackFile } from '../../local/stack/data-dir.ts';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/processes.ts';
import { testEnvironment } from '../support/settings.ts';

const START = join(import.meta.dirname, '../../local/start.ts');

export interface Start {
  child: ChildProcess;
  stdout: Promise<string>;
  stderr: Promise<string>;
  exitCode: Promise<number | null>;
  /** What stack.json says once the stack runs; rejects when the process ends first. */
  running(): Promise<StackFile>;
}

/** What `npm start` runs, with this data folder and these ports. */
export function start(t: TestContext, dataDir: string, portBase: number, settings: Record<string, string> = {}): Start {
  const skipBuild: Record<string, string> = process.env.TEST_STACK ? { LOCAL_SKIP_BUILD: '1' } : {};
  const env = testEnvironment({
    LOCAL_DATA_DIR: dataDir,
    LOCAL_PORT_BASE: String(portBase),
    ...skipBuild,
    ...settings,
  });
  const child = spawn(process.execPath, [START], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const stderr = text(child.stderr);
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  const endedFirst = async () => {
    throw new Error(`npm start ended with ${await exitCode}: ${await stderr}`);
  };
  return {
    child,
    stdout: text(child.stdout),
    stderr,
    exitCode,
    running: () => Promise.race([stackFile(dataDir), endedFirst()]),
  };
}

function stackFile(dataDir: string): Promise<StackFile> {
  return eventually(
    async () => {
      const file = JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8')) as StackFile;
      assert.ok(Object.values(file.pids).every(isAlive), 'the file of a former stack is not this one');
      return file;
    },
    { timeoutMs: 60_000 },
  );
}
