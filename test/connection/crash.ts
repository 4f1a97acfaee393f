import type { Deps } from '../../shared/platform/deps.ts';

export interface Crashing {
  readonly deps: Deps;
  /** Settles when the call was reached: from then on nothing of what uses these dependencies goes on. */
  readonly crashed: Promise<void>;
  /** Writes so far. */
  readonly calls: () => number;
}

/**
 * Dependencies of a process that dies right before its n-th write, or right after it: the promise that it waits for never
 * settles, so nothing runs any more, no error handler either. Writes are those to the vault, the database and the queues.
 */
export function crashAt(deps: Deps, call: number, moment: 'before' | 'after' = 'before'): Crashing {
  const crash = Promise.withResolvers<void>();
  const never = new Promise<never>(() => {});
  let calls = 0;
  let dead = false;

  const watched = <T extends object>(target: T, methods: readonly string[]): T =>
    new Proxy(target, {
      get(object, name) {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member !== 'function') return member;
        if (!methods.includes(String(name))) return member.bind(object);
        return async (...values: unknown[]) => {
          if (dead) await never;
          calls += 1;
          const mine = calls === call;
          if (!mine || moment === 'after') {
            const result: unknown = await member.apply(object, values);
            if (!mine) return result;
          }
          dead = true;
          crash.resolve();
          return never;
        };
      },
    });

  const item: Deps['control']['item'] = (id, key) =>
    watched(deps.control.item(id, key), ['patch', 'replace', 'delete']);
  const items = watched(deps.control.items, ['batch', 'create', 'upsert']);
  const control = new Proxy(deps.control, {
    get: (container, name) => (name === 'item' ? item : name === 'items' ? items : Reflect.get(container, name)),
  });
  const queue = (name: keyof Deps['queues']) => watched(deps.queues[name], ['sendMessage']);
  return {
    deps: {
      ...deps,
      control,
      secrets: watched(deps.secrets, [
        'setSecret',
        'updateSecretProperties',
        'beginDeleteSecret',
        'purgeDeletedSecret',
      ]),
      queues: {
        ...deps.queues,
        'confluence-sync': queue('confluence-sync'),
        'confluence-sync-now': queue('confluence-sync-now'),
        'confluence-events': queue('confluence-events'),
      },
    },
    crashed: crash.promise,
    calls: () => calls,
  };
}
