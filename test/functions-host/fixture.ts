import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '../..');

export interface AppFiles {
  /** Source of the file that registers the functions. */
  readonly source: string;
  readonly main?: string;
  readonly hostJson?: object;
  readonly localSettings?: object;
}

/** Writes an app into a temporary folder, which is removed after the test. */
export function writeApp(t: TestContext | { after(fn: () => void): void }, files: AppFiles): string {
  const dir = mkdtempSync(join(tmpdir(), 'functions-host-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const main = files.main ?? 'app.ts';
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  };
  write('package.json', JSON.stringify({ type: 'module', main }));
  write('host.json', JSON.stringify({ version: '2.0', ...files.hostJson }));
  if (files.localSettings) write('local.settings.json', JSON.stringify(files.localSettings));
  write(main.replace('*', 'app'), files.source);
  return dir;
}

export interface RunningHost {
  readonly url: string;
  readonly process: ChildProcess;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** Asks the host to stop and answers its exit code. */
  stop(): Promise<number | null>;
  /** `POST /admin/functions/{name}?wait=true`. */
  run(name: string, input?: unknown): Promise<Response>;
}

/** Runs the host as its own process on a free port and stops it after the test. */
export async function startHost(
  t: TestContext | { after(fn: () => unknown): void },
  appDir: string,
  env: Record<string, string> = {},
): Promise<RunningHost> {
  const { child, output } = spawnHost(appDir, env);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    return (await exited)[0];
  };
  t.after(stop);
  const ready = once(child, 'message').then(([message]) => (message as { ready: string }).ready);
  const url = await Promise.race([ready, exited.then(() => Promise.reject(new Error(output())))]);
  return {
    url,
    process: child,
    output,
    stop,
    run: (name, input) =>
      fetch(`${url}/admin/functions/${name}?wait=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input }),
      }),
  };
}

/** Runs a host that is expected to give up; answers its exit code and output. */
export async function failingHost(appDir: string, env: Record<string, string> = {}) {
  const { child, output } = spawnHost(appDir, env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

function spawnHost(appDir: string, env: Record<string, string>) {
  const main = join(ROOT, 'local/functions-host/main.ts');
  const child = fork(main, ['--app', appDir, '--port', '0'], { silent: true, env: { PATH: process.env.PATH, ...env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

/** Asks again until there is an answer, for at most 10 s. */
export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer) return answer;
    await delay(25);
  }
  throw new Error(`waited 10 s for ${what}`);
}
