import type { PatchOperation } from '@azure/cosmos';
import type { Usage } from '../atlassian/gateway.ts';
import type { Deps } from '../platform/deps.ts';
import { APP_TENANT } from '../platform/ids.ts';
import { hasStatus, readItem } from '../platform/items.ts';
import { type Ask, decide, type HourLedger, hourOf, type Permit, type Purpose } from './quota-policy.ts';

type QuotaDeps = Pick<Deps, 'control' | 'settings' | 'now'>;

/** What Atlassian's headers say of the budget. */
interface Budget {
  readonly remaining?: number;
  readonly limit?: number;
  readonly resetAt?: string;
}

/** The hour's ledger as an item of the tenant `_app`: one for all tenants, on Tier 2 one a tenant. */
type LedgerItem = HourLedger & {
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'quota';
  readonly ttl: number;
};

const LEDGER_TTL_SECONDS = 3 * 24 * 3600;
/** Spread after a park, so that waiting tenants do not ask in the same second. */
const PARK_JITTER_MS = 5_000;
/** How long the one that goes first after a park may take before the next one tries. */
const FIRST_ANSWER_MS = 10_000;

/**
 * Asks for points before they are spent. Points are recorded when an answer has come ({@link recordUsage}), so
 * workers that ask at the same moment may overshoot by what they ask for; Atlassian's own count corrects the ledger.
 */
export async function askPoints(
  deps: QuotaDeps,
  tenantId: string,
  purpose: Purpose,
  points: number,
  interactive = false,
): Promise<Permit> {
  const now = deps.now();
  const ledger = await readLedger(deps, tenantId, hourOf(now));
  const expectedDeltaPoints = await lastHoursDeltaPoints(deps, tenantId, now);
  const ask: Ask = { tenantId, purpose, points, interactive, expectedDeltaPoints };
  const permit = decide(ledger, ask, now);
  if (permit.granted) return permit.first ? goFirst(deps, tenantId, ledger, now) : permit;
  if (purpose === 'bulk') await noteWaiter(deps, tenantId, ledger, now);
  return { granted: false, resumeAt: new Date(permit.resumeAt.getTime() + Math.random() * PARK_JITTER_MS) };
}

/** After a park one caller goes first; the others wait for what Atlassian tells it. */
async function goFirst(deps: QuotaDeps, tenantId: string, ledger: HourLedger, now: Date): Promise<Permit> {
  const others = new Date(now.getTime() + FIRST_ANSWER_MS);
  const condition = `FROM c WHERE c.parkedUntil = ${JSON.stringify(ledger.parkedUntil)}`;
  const operations: PatchOperation[] = [
    { op: 'set', path: '/parkedUntil', value: others.toISOString() },
    { op: 'set', path: '/firstTenantId', value: tenantId },
  ];
  try {
    await deps.control.item(ledgerId(deps, tenantId, ledger.hour), APP_TENANT).patch({ condition, operations });
    return { granted: true };
  } catch (error) {
    if (!hasStatus(error, 404, 412)) throw error;
    return { granted: false, resumeAt: new Date(others.getTime() + Math.random() * PARK_JITTER_MS) };
  }
}

/** Adds what answers cost. With Atlassian's rate-limit headers, its count of what is left is kept, too. */
export async function recordUsage(
  deps: QuotaDeps & Pick<Deps, 'log'>,
  tenantId: string,
  purpose: Purpose,
  usage: { points: number } & Budget,
): Promise<void> {
  deps.log.debug('points_spent', { tenantId, purpose, ...usage });
  const hour = hourOf(deps.now());
  const ledger = await readLedger(deps, tenantId, hour);
  const operations: PatchOperation[] = [{ op: 'incr', path: `/spent/${purpose}`, value: usage.points }];
  if (purpose === 'bulk') {
    // `incr` creates a member that is not there.
    operations.push({ op: 'incr', path: `/tenants/${tenantId}`, value: usage.points });
  }
  const isNews = usage.resetAt !== undefined && usage.resetAt > (ledger.resetAt ?? '');
  if (isNews) operations.push({ op: 'set', path: '/resetAt', value: usage.resetAt });
  if (usage.remaining !== undefined && (isNews || usage.remaining < (ledger.remaining ?? Number.POSITIVE_INFINITY))) {
    operations.push({ op: 'set', path: '/remaining', value: usage.remaining });
  }
  // The one that went first was answered: the park is over. Late answers to requests before the park say nothing.
  if (ledger.parkedUntil && ledger.firstTenantId === tenantId && usage.points > 0) {
    operations.push({ op: 'set', path: '/parkedUntil', value: '' });
  }
  if (usage.limit !== undefined && usage.limit !== ledger.limit) {
    operations.push({ op: 'set', path: '/limit', value: usage.limit });
  }
  await patchLedger(deps, tenantId, hour, operations);
}

/** Nobody of this budget asks Atlassian before `until`, plus a little jitter. Returns when this caller may. */
export async function parkBudget(deps: QuotaDeps, tenantId: string, until: Date): Promise<Date> {
  const resumeAt = new Date(until.getTime() + Math.random() * PARK_JITTER_MS);
  // A park that outlasts the hour is written where the next hour's callers look.
  for (const hour of new Set([hourOf(deps.now()), hourOf(resumeAt)])) {
    await patchLedger(deps, tenantId, hour, [
      { op: 'set', path: '/parkedUntil', value: resumeAt.toISOString() },
      { op: 'set', path: '/firstTenantId', value: '' },
    ]);
  }
  return resumeAt;
}

/** What the headers of an answer say about the budget; Confluence's gateway sends them with every answer. */
export function budgetOf(answer: Usage['answer']): Budget {
  const resetAt = Date.parse(answer.headers['x-ratelimit-reset'] ?? '');
  const remaining = Number(answer.headers['x-ratelimit-remaining'] ?? Number.NaN);
  const limit = Number(answer.headers['x-ratelimit-limit'] ?? Number.NaN);
  return {
    ...(Number.isFinite(remaining) ? { remaining } : {}),
    ...(Number.isFinite(limit) && limit > 0 ? { limit } : {}),
    ...(Number.isFinite(resetAt) ? { resetAt: new Date(resetAt).toISOString() } : {}),
  };
}

/** The hour's ledger of this tenant's budget. */
export async function readLedger(deps: QuotaDeps, tenantId: string, hour: string): Promise<HourLedger> {
  const stored = await readItem<LedgerItem>(deps.control, APP_TENANT, ledgerId(deps, tenantId, hour));
  return stored?.item ?? emptyLedger(deps, hour);
}

async function lastHoursDeltaPoints(deps: QuotaDeps, tenantId: string, now: Date): Promise<number> {
  const before = hourOf(new Date(now.getTime() - 3_600_000));
  return (await readLedger(deps, tenantId, before)).spent.delta;
}

async function noteWaiter(deps: QuotaDeps, tenantId: string, ledger: HourLedger, now: Date): Promise<void> {
  const others = ledger.waiters.filter((waiter) => waiter.tenantId !== tenantId).slice(0, 1);
  const waiters = [{ tenantId, at: now.toISOString() }, ...others];
  await patchLedger(deps, tenantId, ledger.hour, [{ op: 'set', path: '/waiters', value: waiters }]);
}

async function patchLedger(
  deps: QuotaDeps,
  tenantId: string,
  hour: string,
  operations: PatchOperation[],
): Promise<void> {
  const id = ledgerId(deps, tenantId, hour);
  try {
    await deps.control.item(id, APP_TENANT).patch(operations);
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
    await createLedger(deps, id, hour);
    await deps.control.item(id, APP_TENANT).patch(operations);
  }
}

async function createLedger(deps: QuotaDeps, id: string, hour: string): Promise<void> {
  const item: LedgerItem = {
    id,
    tenantId: APP_TENANT,
    type: 'quota',
    ttl: LEDGER_TTL_SECONDS,
    ...emptyLedger(deps, hour),
  };
  try {
    await deps.control.items.create(item);
  } catch (error) {
    if (!hasStatus(error, 409)) throw error; // another worker was first
  }
}

function emptyLedger(deps: QuotaDeps, hour: string): HourLedger {
  return {
    hour,
    limit: deps.settings.POINTS_PER_HOUR,
    spent: { agent: 0, delta: 0, bulk: 0 },
    tenants: {},
    waiters: [],
  };
}

function ledgerId(deps: QuotaDeps, tenantId: string, hour: string): string {
  return deps.settings.QUOTA_TIER === 2 ? `quota:${hour}:${tenantId}` : `quota:${hour}`;
}
