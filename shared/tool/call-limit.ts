import type { Deps } from '../platform/deps.ts';
import type { AgentCaller } from './agent-caller.ts';
import { increment, MINUTE_MS, secondsLeft, type Window, windowAt } from './counter.ts';
import { rateLimited } from './problems.ts';

type LimitDeps = Pick<Deps, 'control' | 'settings' | 'now'>;

const REMEMBERED_MAX = 5_000;

/** Minutes that are known to be used up: until they end, a call is refused without asking the database. */
const usedUp = new Map<string, number>();

/**
 * Counts a call and lets it in, while the agent has made no more than `AGENT_CALLS_PER_MINUTE` in this minute, over
 * all processes together. Throws 429 `rate_limited` with the seconds until the minute ends.
 */
export async function admitCall(deps: LimitDeps, { tenantId, agentId }: AgentCaller): Promise<void> {
  const limit = deps.settings.AGENT_CALLS_PER_MINUTE;
  const window = windowAt(`calls:${agentId}`, MINUTE_MS, deps.now());
  const key = `${tenantId} ${window.id}`;
  if (!usedUp.has(key) && (await increment(deps.control, tenantId, window, 1)) <= limit) return;
  remember(key, window, deps.now());
  const detail = `This agent may make ${limit} calls a minute; wait, then go on.`;
  throw rateLimited(detail, secondsLeft(window, deps.now()));
}

function remember(key: string, { endsAt }: Window, now: Date): void {
  if (usedUp.size >= REMEMBERED_MAX) {
    for (const [old, end] of usedUp) if (end <= now.getTime()) usedUp.delete(old);
  }
  usedUp.set(key, endsAt);
}
