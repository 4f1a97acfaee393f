import { AtlassianError } from '../atlassian/errors.ts';
import type { Usage } from '../atlassian/gateway.ts';
import type { Deps } from '../platform/deps.ts';
import { askPoints, budgetOf, parkBudget, recordUsage } from '../sync/quota.ts';
import type { Permit } from '../sync/quota-policy.ts';
import { HOUR_MS, increment, readCounter, secondsLeft, windowAt } from './counter.ts';
import { rateLimited } from './problems.ts';

type PointsDeps = Pick<Deps, 'control' | 'settings' | 'now' | 'log'>;

/** What this process knows of one tenant's points. */
interface Ledger {
  /** The hour's counter as last seen, and when. */
  hour: string;
  counted: number;
  seenAt: number;
  /** Spent here and not yet in the counter. */
  uncounted: number;
  budget: { remaining?: number; limit?: number };
  flush?: Promise<void> | undefined;
  permit?: { until: number; asked: Promise<Permit> };
}

/** How stale the knowledge of what other processes spent may be. */
const COUNTED_KNOWN_FOR_MS = 3_000;
const PERMIT_KNOWN_FOR_MS = 2_000;
/** Answers of this long are counted in one write. */
const FLUSH_AFTER_MS = 250;
const TENANTS_MAX = 2_000;

const ledgers = new Map<string, Ledger>();

/**
 * Lets a call in that will cost points: `AGENT_POINTS_PER_HOUR` for all agents of a tenant together. What a call costs
 * is known when it is over, so the last one may overshoot. Throws 429 `rate_limited` with the seconds until the hour ends.
 */
export async function admitPoints(deps: PointsDeps, tenantId: string): Promise<void> {
  const limit = deps.settings.AGENT_POINTS_PER_HOUR;
  const now = deps.now();
  const window = windowAt('points', HOUR_MS, now);
  const ledger = ledgerOf(tenantId);
  if (ledger.hour !== window.id || now.getTime() - ledger.seenAt > COUNTED_KNOWN_FOR_MS) {
    const counted = await readCounter(deps.control, tenantId, window);
    Object.assign(ledger, { hour: window.id, counted, seenAt: now.getTime() });
  }
  if (ledger.counted + ledger.uncounted < limit) return;
  throw rateLimited(
    `The agents of this tenant have spent their ${limit} points of this hour. confluence_search_index costs none and still works.`,
    secondsLeft(window, now),
  );
}

/**
 * Asks the budget that agents share with the sync, before a request goes out. Throws {@link AtlassianError}
 * `throttled`, as Confluence itself would answer: who can do without Confluence then does.
 */
export async function assertBudget(deps: PointsDeps, tenantId: string): Promise<void> {
  const ledger = ledgerOf(tenantId);
  const now = deps.now().getTime();
  if (!ledger.permit || ledger.permit.until <= now) {
    const asked = askPoints(deps, tenantId, 'agent', 1);
    ledger.permit = { until: now + PERMIT_KNOWN_FOR_MS, asked };
    asked.catch(() => delete ledger.permit);
  }
  const permit = await ledger.permit.asked;
  if (permit.granted) return;
  throw new AtlassianError('throttled', 'the points of this hour are spent', {
    throttle: { quota: true, resumeAt: permit.resumeAt },
  });
}

/** Notes what one answer cost: here at once, in the database a moment later, together with others. */
export function recordPoints(deps: PointsDeps, tenantId: string, { points, answer }: Usage): void {
  const ledger = ledgerOf(tenantId);
  ledger.uncounted += points;
  ledger.budget = { ...ledger.budget, ...budgetOf(answer) };
  ledger.flush ??= new Promise((resolve) => {
    setTimeout(() => resolve(flush(deps, tenantId, ledger)), FLUSH_AFTER_MS).unref();
  });
}

/** After a 429 for want of points nobody of this budget asks before the reset: the sync waits as well. */
export function noteThrottle(deps: PointsDeps, tenantId: string, error: AtlassianError): void {
  const { quota, resumeAt } = error.throttle ?? {};
  if (!quota || !resumeAt) return;
  delete ledgerOf(tenantId).permit;
  parkBudget(deps, tenantId, resumeAt).catch((failure: unknown) => {
    deps.log.warn('budget_not_parked', { tenantId, error: failure });
  });
}

/** A counter that cannot be written fails no call that has already been paid for. */
async function flush(deps: PointsDeps, tenantId: string, ledger: Ledger): Promise<void> {
  ledger.flush = undefined;
  const { uncounted: points, budget } = ledger;
  ledger.budget = {};
  const window = windowAt('points', HOUR_MS, deps.now());
  try {
    const [counted] = await Promise.all([
      increment(deps.control, tenantId, window, points),
      recordUsage(deps, tenantId, 'agent', { points, ...budget }),
    ]);
    Object.assign(ledger, { hour: window.id, counted, seenAt: deps.now().getTime() });
  } catch (error) {
    deps.log.warn('agent_points_not_counted', { tenantId, points, error });
  }
  ledger.uncounted -= points;
}

function ledgerOf(tenantId: string): Ledger {
  const ledger = ledgers.get(tenantId) ?? { hour: '', counted: 0, seenAt: 0, uncounted: 0, budget: {} };
  ledgers.delete(tenantId);
  ledgers.set(tenantId, ledger);
  const oldest = ledgers.keys().next().value;
  if (ledgers.size > TENANTS_MAX && oldest !== undefined) ledgers.delete(oldest);
  return ledger;
}
