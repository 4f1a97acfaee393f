import type { Container } from '@azure/cosmos';
import type { Deps } from '../platform/deps.ts';
import { hasStatus, readItem } from '../platform/items.ts';
import type { AgentCaller } from './agent-caller.ts';
import { rateLimited } from './problems.ts';

type UsageDeps = Pick<Deps, 'control' | 'settings' | 'now' | 'log'>;

/** How much was used in one window: an item of `control` that many processes increment. */
interface UsageItem {
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'usage';
  readonly used: number;
  readonly ttl: number;
}

interface Window {
  readonly id: string;
  readonly endsAt: number;
  readonly lengthMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const POINTS_KNOWN_FOR_MS = 5_000;
const REMEMBERED_MAX = 5_000;

/** Windows that are known to be used up: until they end, a call is refused without asking the database. */
const usedUp = new Map<string, number>();

/** What this process last saw of a tenant's points, by window. */
const points = new Map<string, { used: number; seenAt: number; endsAt: number }>();

/**
 * Lets one call of an agent in: `AGENT_CALLS_PER_MINUTE` for each agent, `AGENT_POINTS_PER_HOUR` for all agents of a
 * tenant together. Calls are counted exactly over all processes; points are known to within a few seconds, because a
 * call's cost is known only when it is over. Throws 429 `rate_limited` with the seconds until the window ends.
 */
export async function admitCall(
  deps: UsageDeps,
  agent: AgentCaller,
  { costsPoints }: { readonly costsPoints: boolean },
): Promise<void> {
  const { AGENT_CALLS_PER_MINUTE, AGENT_POINTS_PER_HOUR } = deps.settings;
  const calls = windowOf('calls', agent.agentId, MINUTE_MS, deps.now());
  const spent = windowOf('points', 'all', HOUR_MS, deps.now());
  const limited = (window: Window, detail: string) =>
    rateLimited(detail, (window.endsAt - deps.now().getTime()) / 1000);
  const callsDetail = `This agent may make ${AGENT_CALLS_PER_MINUTE} calls a minute; wait, then go on.`;
  if (isUsedUp(agent.tenantId, calls, deps.now())) throw limited(calls, callsDetail);
  const [callCount, pointCount] = await Promise.all([
    increment(deps.control, agent.tenantId, calls, 1),
    costsPoints ? pointsUsed(deps, agent.tenantId, spent) : 0,
  ]);
  if (callCount > AGENT_CALLS_PER_MINUTE) {
    remember(usedUp, `${agent.tenantId} ${calls.id}`, calls.endsAt, deps.now());
    throw limited(calls, callsDetail);
  }
  if (pointCount >= AGENT_POINTS_PER_HOUR) {
    throw limited(
      spent,
      `The agents of this tenant have spent their ${AGENT_POINTS_PER_HOUR} points of this hour. confluence_search_index costs none and still works.`,
    );
  }
}

/**
 * Adds what a call cost to the tenant's hour. The answer does not wait for it: a counter that cannot be written must
 * not fail a call that has already been paid for.
 */
export async function recordPoints(deps: UsageDeps, agent: AgentCaller, spent: number): Promise<void> {
  if (spent === 0) return;
  const now = deps.now();
  const window = windowOf('points', 'all', HOUR_MS, now);
  const key = `${agent.tenantId} ${window.id}`;
  const known = points.get(key);
  // Counted here at once, so that the next call of this process sees it even before the database does.
  if (known) known.used += spent;
  try {
    const used = await increment(deps.control, agent.tenantId, window, spent);
    rememberPoints(key, used, window.endsAt, now);
  } catch (error) {
    deps.log.warn('agent_points_not_counted', { tenantId: agent.tenantId, points: spent, error });
  }
}

async function pointsUsed(deps: UsageDeps, tenantId: string, window: Window): Promise<number> {
  const key = `${tenantId} ${window.id}`;
  const known = points.get(key);
  const now = deps.now();
  if (known && now.getTime() - known.seenAt < POINTS_KNOWN_FOR_MS) return known.used;
  const stored = await readItem<UsageItem>(deps.control, tenantId, window.id);
  return rememberPoints(key, stored?.item.used ?? 0, window.endsAt, now);
}

function rememberPoints(key: string, used: number, endsAt: number, now: Date): number {
  const known = points.get(key);
  const total = Math.max(used, known?.used ?? 0);
  if (points.size >= REMEMBERED_MAX) {
    for (const [old, value] of points) if (value.endsAt <= now.getTime()) points.delete(old);
  }
  points.set(key, { used: total, seenAt: now.getTime(), endsAt });
  return total;
}

function windowOf(kind: string, whose: string, lengthMs: number, now: Date): Window {
  const startedAt = Math.floor(now.getTime() / lengthMs) * lengthMs;
  return { id: `usage:${kind}:${whose}:${startedAt / 1000}`, endsAt: startedAt + lengthMs, lengthMs };
}

function isUsedUp(tenantId: string, window: Window, now: Date): boolean {
  const until = usedUp.get(`${tenantId} ${window.id}`);
  return until !== undefined && until > now.getTime();
}

function remember(map: Map<string, number>, key: string, until: number, now: Date): void {
  if (map.size >= REMEMBERED_MAX) for (const [old, end] of map) if (end <= now.getTime()) map.delete(old);
  map.set(key, until);
}

/** Adds to a window's counter and gives its new value. The item goes by itself some time after its window. */
async function increment(control: Container, tenantId: string, window: Window, by: number): Promise<number> {
  for (;;) {
    try {
      const { resource } = await control
        .item(window.id, tenantId)
        .patch<UsageItem>([{ op: 'incr', path: '/used', value: by }]);
      return resource?.used ?? by;
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
    }
    try {
      const ttl = Math.ceil((2 * window.lengthMs) / 1000);
      await control.items.create<UsageItem>({ id: window.id, tenantId, type: 'usage', used: by, ttl });
      return by;
    } catch (error) {
      if (!hasStatus(error, 409)) throw error; // another call began the window first
    }
  }
}
