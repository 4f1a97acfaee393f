import type { Deps } from '../platform/deps.ts';
import type { AgentCaller } from './agent-caller.ts';
import { increment, MINUTE_MS, secondsLeft, type Window, windowAt } from './counter.ts';
import { rateLimited } from './problems.ts';

type LimitDeps = Pick<Deps, 'control' | 'settings' | 'now'>;

/** What this process may still let in during one minute of one agent. */
interface Allowance {
  readonly endsAt: number;
  left: number;
  usedUp: boolean;
  taking?: Promise<void> | undefined;
}

/** Calls are taken from the shared counter in parts of this size of the limit: one write for several calls. */
const PARTS = 24;
const AGENTS_MAX = 5_000;

const allowances = new Map<string, Allowance>();

/**
 * Counts a call and lets it in, while the agent has made no more than `AGENT_CALLS_PER_MINUTE` in this minute, over all
 * processes together. A process takes a few calls at a time, so no agent ever gets more than the limit, and one that
 * calls many processes at once may get a few less. Throws 429 `rate_limited` with the seconds until the minute ends.
 */
export async function admitCall(deps: LimitDeps, { tenantId, agentId }: AgentCaller): Promise<void> {
  const limit = deps.settings.AGENT_CALLS_PER_MINUTE;
  const window = windowAt(`calls:${agentId}`, MINUTE_MS, deps.now());
  const allowance = allowanceOf(`${tenantId} ${window.id}`, window, deps.now());
  while (allowance.left === 0 && !allowance.usedUp) {
    // Together: calls that arrive at once would each take a part and leave none for the others.
    allowance.taking ??= take(deps, tenantId, window, allowance).finally(() => {
      allowance.taking = undefined;
    });
    await allowance.taking;
  }
  if (allowance.left > 0) {
    allowance.left--;
    return;
  }
  const detail = `This agent may make ${limit} calls a minute; wait, then go on.`;
  throw rateLimited(detail, secondsLeft(window, deps.now()));
}

async function take(deps: LimitDeps, tenantId: string, window: Window, allowance: Allowance): Promise<void> {
  const limit = deps.settings.AGENT_CALLS_PER_MINUTE;
  const part = Math.max(1, Math.floor(limit / PARTS));
  const used = await increment(deps.control, tenantId, window, part);
  allowance.left = Math.max(0, Math.min(part, Math.floor(limit) - (used - part)));
  allowance.usedUp = used >= limit;
}

function allowanceOf(key: string, { endsAt }: Window, now: Date): Allowance {
  const known = allowances.get(key);
  if (known) return known;
  if (allowances.size >= AGENTS_MAX) {
    for (const [old, { endsAt: end }] of allowances) if (end <= now.getTime()) allowances.delete(old);
  }
  const fresh: Allowance = { endsAt, left: 0, usedUp: false };
  allowances.set(key, fresh);
  return fresh;
}
