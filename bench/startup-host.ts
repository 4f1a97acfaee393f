import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** A functions host in a process of its own, with the bundle. */
export interface FreshHost {
  readonly url: string;
  /** How long the first queue message took, by the host's own log. */
  firstMessageMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a host with these settings and no others. */
export async function startFreshHost(env: Record<string, string>): Promise<FreshHost> {
  const lookup = join(ROOT, 'local/key-vault/localhost-lookup.ts');
  const child = fork(join(ROOT, 'local/functions-host/main.ts'), ['--app', ROOT, '--port', '0'], {
    silent: true,
    execArgv: ['--import', lookup],
    env: { PATH: process.env.PATH, ...env },
  });
  let output = '';
  const message = new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const took = /queue sync-worker (?:succeeded|failed) (\d+) ms/.exec(output)?.[1];
      if (took !== undefined) resolve(Number(took));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`the host ended:\n${output}`)));
  });
  message.catch(() => {});
  const [ready] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [{ ready?: string } | number];
  if (typeof ready !== 'object' || ready?.ready === undefined) throw new Error(`the host did not start:\n${output}`);
  return {
    url: ready.ready,
    firstMessageMs: () => message,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
