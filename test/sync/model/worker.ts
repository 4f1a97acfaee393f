import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { World } from '../support.ts';
import type { Job } from './worker-process.ts';

/** A real process that handles messages, and is started anew after it was killed. */
export interface MortalWorker {
  /** Handles a message; false when the process died over it or threw: the queue delivers the message again. */
  handle(job: Job): Promise<boolean>;
  close(): Promise<void>;
}

export async function startWorker(world: World): Promise<MortalWorker> {
  const program = join(world.dataDir, 'worker.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'worker-process.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    // Provided by the Functions host; the library does without it outside of one.
    external: ['@azure/functions-core'],
    logLevel: 'error',
  });
  let child: ChildProcess | undefined;
  const started = async () => {
    child = fork(program, [], { env: { PATH: process.env.PATH, ...world.env } });
    await once(child, 'message');
    return child;
  };
  return {
    async handle(job) {
      const worker = child?.connected ? child : await started();
      const answer = once(worker, 'message').then(([text]) => text === 'done');
      const death = once(worker, 'exit').then(() => false);
      worker.send(job);
      return Promise.race([answer, death]);
    },
    async close() {
      if (!child?.connected) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
