import { setTimeout as delay } from 'node:timers/promises';
import type { RunNow } from './admin.ts';
import type { AppFunction } from './bindings.ts';
import type { QueueConfig } from './host-config.ts';
import type { Invoker } from './invoke.ts';
import type { Logger } from './log.ts';
import { type QueueTrigger, startQueueTrigger } from './queues.ts';
import { startTimer, type Timer } from './timers.ts';

// How long giving messages back may take when the queue service itself is going down.
const RELEASE_MS = 2000;

export interface Triggers {
  /** By function name, for what is not an HTTP function. */
  readonly runNow: ReadonlyMap<string, RunNow>;
  /** Starts no more runs; resolves when those of queue messages have ended. */
  stop(): Promise<void>;
  /** Makes the messages of runs that have not ended visible at once. */
  release(): Promise<void>;
}

/** Starts every timer and queue function that is not disabled. */
export async function startTriggers(
  functions: readonly AppFunction[],
  options: { config: QueueConfig; hiddenMs: number; invoker: Invoker; logger: Logger },
): Promise<Triggers> {
  const runNow = new Map<string, RunNow>();
  const timers: Timer[] = [];
  const queues: QueueTrigger[] = [];
  for (const fn of functions) {
    if (fn.trigger === 'timer') {
      const timer = startTimer(fn, options.invoker);
      timers.push(timer);
      runNow.set(fn.name, () => timer.runNow());
    } else if (fn.trigger === 'queue') {
      const queue = await startQueueTrigger({ fn, ...options });
      queues.push(queue);
      runNow.set(fn.name, (input) => queue.runNow(input));
    }
  }
  return {
    runNow,
    async stop() {
      for (const timer of timers) timer.stop();
      await Promise.all(queues.map((queue) => queue.stop()));
    },
    async release() {
      const released = Promise.all(queues.map((queue) => queue.release()));
      await Promise.race([released, delay(RELEASE_MS, undefined, { ref: false })]);
    },
  };
}
