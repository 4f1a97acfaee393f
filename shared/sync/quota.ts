import type { PatchOperation } from '@azure/cosmos';
import type { Usage } from '../atlassian/gateway.ts';
import type { Deps } from '../platform/deps.ts';
import { APP_TENANT } from '../platform/ids.ts';
import { hasStatus, readItem } from '../platform/items.ts';
import { type Ask, decide, type HourLedger, hourOf, type Permit, type Purpose } from './quota-policy.ts';

type QuotaDeps = Pick<Deps, 'control' | 'settings' | 'now'>;

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

/**
 * Asks for points before they are spent. Points are recorded when an answer has come ({@link recordUsage}), so
 * workers that ask at the same moment may overshoot by what they ask for; Atlassian's own count corrects the ledger.
 */
export async function askPoints(deps: QuotaDeps, tenantId: string, purpose: Purpose, points: number): Promise<Permit> {
  const now = deps.now();
  const ledger = await readLedger(deps, tenantId, hourOf(now));
  const ask: Ask = { tenantId, purpose, points, expectedDeltaPoints: await lastHoursDeltaPoints(deps, tenantId, now) };
  const permit = decide(ledger, ask, now);
  if (!permit.granted && purpose === 'bulk') await noteWaiter(deps, tenantId, ledger, now);
  return permit;
}

/** Adds what answers cost. With Atlassian's rate-limit headers, its count of what is left is kept, too. */
export async function recordUsage(
  deps: QuotaDeps & Pick<Deps, 'log'>,
  tenantId: string,
  purpose: Purpose,
  usage: { points: number; remaining?: number | undefined; limit?: number | undefined },
): Promise<void> {
  deps.log.debug('points_spent', { tenantId, purpose, ...usage });
  const hour = hourOf(deps.now());
  const ledger = await readLedger(deps, tenantId, hour);
  const operations: PatchOperation[] = [{ op: 'incr', path: `/spent/${purpose}`, value: usage.points }];
  if (purpose === 'bulk') {
    // `incr` creates a member that is not there.
    operations.push({ op: 'incr', path: `/tenants/${tenantId}`, value: usage.points });
  }
  if (usage.remaining !== undefined && usage.remaining < (ledger.remaining ?? Number.POSITIVE_INFINITY)) {
    operations.push({ op: 'set', path: '/remaining', value: usage.remaining });
  }
  if (usage.limit !== undefined && usage.limit !== ledger.limit) {
    operations.push({ op: 'set', path: '/limit', value: usage.limit });
  }
  await patchLedger(deps, tenantId, hour, operations);
}

/** Nobody of this budget asks Atlassian before `until`, plus a little jitter. Returns when this caller may. */
export async function parkBudget(deps: QuotaDeps, tenantId: string, until: Date): Promise<Date> {
  const resumeAt = new Date(until.getTime() + Math.random() * PARK_JITTER_MS);
  await patchLedger(deps, tenantId, hourOf(deps.now()), [
    { op: 'set', path: '/parkedUntil', value: resumeAt.toISOString() },
  ]);
  return resumeAt;
}

/** What the headers of an answer say about the budget; Confluence's gateway sends them with every answer. */
export function budgetOf(answer: Usage['answer']): { remaining?: number; limit?: number } {
  const remaining = Number(answer.headers['x-ratelimit-remaining'] ?? Number.NaN);
  const limit = Number(answer.headers['x-ratelimit-limit'] ?? Number.NaN);
  return {
    ...(Number.isFinite(remaining) ? { remaining } : {}),
    ...(Number.isFinite(limit) && limit > 0 ? { limit } : {}),
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
