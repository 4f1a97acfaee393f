import type { Deps } from './deps.ts';
import { APP_TENANT } from './ids.ts';
import { hasStatus } from './items.ts';

export type DependencyState = 'ok' | 'unreachable';

/** Each dependency's state as this process sees it. Atlassian is not asked: a health check must not spend points. */
export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly dependencies: {
    readonly cosmos: DependencyState;
    readonly keyVault: DependencyState;
    readonly queues: DependencyState;
  };
  readonly checkedAt: string;
}

const TIMEOUT_MS = 5_000;

let last: { at: number; health: Promise<Health> } | undefined;

/** Looks at every dependency, at most once in `HEALTH_CACHE_SECONDS`, however many ask. */
export function checkHealth(deps: Deps): Promise<Health> {
  const now = performance.now();
  if (!last || now - last.at >= deps.settings.HEALTH_CACHE_SECONDS * 1000) last = { at: now, health: look(deps) };
  return last.health;
}

async function look(deps: Deps): Promise<Health> {
  const [cosmos, keyVault, queues] = await Promise.all([
    state(deps.control.item('health', APP_TENANT).read()),
    state(deps.secrets.getSecret('health')),
    state(deps.queues['confluence-sync'].getProperties()),
  ]);
  const dependencies = { cosmos, keyVault, queues };
  const isOk = Object.values(dependencies).every((dependency) => dependency === 'ok');
  return { status: isOk ? 'ok' : 'degraded', dependencies, checkedAt: deps.now().toISOString() };
}

/** That a thing is not there is an answer as well: the service is reachable and lets us read. */
async function state(call: Promise<unknown>): Promise<DependencyState> {
  const timeout = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no answer in time')), TIMEOUT_MS).unref();
  });
  try {
    await Promise.race([call, timeout]);
    return 'ok';
  } catch (error) {
    const { statusCode } = error as { statusCode?: unknown };
    return statusCode === 404 || hasStatus(error, 404) ? 'ok' : 'unreachable';
  }
}
