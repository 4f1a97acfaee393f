/**
 * A worker of its own, for the model test: `fork(worker-process.ts)`. It handles the queue messages that it is sent and says
 * `done` or `failed`. With `dieAt` it kills itself at that call to a service, before or after it, as a crash would.
 */
import '../../../local/key-vault/localhost-lookup.ts';
import type { Deps } from '../../../shared/platform/deps.ts';
import { handleMessage } from '../../../shared/sync/handle-message.ts';
import { processDeps } from '../../connection/process-deps.ts';

export interface Job {
  readonly message: unknown;
  /** The call to a service, counted from 1, at which the process dies; even numbers: after it was answered. */
  readonly dieAt?: number;
}

let callsLeft = Number.POSITIVE_INFINITY;

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is not delivered synchronously; nothing may happen in between.
  for (;;);
}

const CALLS = new Set([
  'read',
  'create',
  'replace',
  'upsert',
  'patch',
  'delete',
  'batch',
  'fetchNext',
  'fetchAll',
  'sendMessage',
]);

/** Every call to a service counts, whichever client makes it; the code under test knows nothing of it. */
function counted<T extends object>(client: T): T {
  return new Proxy(client, {
    get(object, name) {
      const member = Reflect.get(object, name) as unknown;
      if (typeof member === 'object' && member !== null) return counted(member);
      if (typeof member !== 'function') return member;
      if (CALLS.has(String(name))) {
        return async (...values: unknown[]) => {
          callsLeft -= 1;
          if (callsLeft === 0) die();
          const result: unknown = await member.apply(object, values);
          callsLeft -= 1;
          if (callsLeft === 0) die();
          return result;
        };
      }
      return (...values: unknown[]) => {
        const result: unknown = member.apply(object, values);
        return typeof result === 'object' && result !== null && !(result instanceof Promise) ? counted(result) : result;
      };
    },
  });
}

function mortal(deps: Deps): Deps {
  const queues = Object.fromEntries(Object.entries(deps.queues).map(([name, queue]) => [name, counted(queue)]));
  return { ...deps, control: counted(deps.control), pages: counted(deps.pages), queues: queues as Deps['queues'] };
}

const deps = mortal(processDeps(process.env));

process.on('message', async ({ message, dieAt }: Job) => {
  callsLeft = dieAt ?? Number.POSITIVE_INFINITY;
  try {
    await handleMessage(deps, message);
    process.send?.('done');
  } catch (error) {
    process.send?.(`failed: ${error}`);
  }
});
process.send?.('ready');
