/**
 * Who may spend how many of the hour's points: arithmetic only, so that the service and the simulation share it.
 * Atlassian grants the whole app one budget an hour (Tier 1) or one a tenant (Tier 2), reset at the top of the UTC hour.
 */

/** `agent`: somebody waits for an answer. `delta`: keeping indexes fresh. `bulk`: connects, manual runs and passes. */
export type Purpose = 'agent' | 'delta' | 'bulk';

/** What is known of one hour. */
export interface HourLedger {
  /** Start of the hour, ISO 8601. */
  readonly hour: string;
  readonly limit: number;
  readonly spent: Readonly<Record<Purpose, number>>;
  /** The least that Atlassian's headers said was left, until `resetAt`. */
  readonly remaining?: number;
  /** When Atlassian counts anew, by its headers; without it at the end of the hour. */
  readonly resetAt?: string;
  /** Atlassian refused for want of points: nobody asks before. Then one goes first, and its headers tell how it stands. */
  readonly parkedUntil?: string;
  readonly firstTenantId?: string;
  /** Points of the bulk share by tenant. */
  readonly tenants: Readonly<Record<string, number>>;
  /** The two tenants that were last told to wait for bulk points, by turns. */
  readonly waiters: readonly { readonly tenantId: string; readonly at: string }[];
}

export interface Ask {
  readonly tenantId: string;
  readonly purpose: Purpose;
  readonly points: number;
  /** Of bulk points: a person waits for this run, which connects a site or was triggered. */
  readonly interactive?: boolean;
  /** Points that deltas took in the hour before: what they are expected to take in this one. */
  readonly expectedDeltaPoints: number;
}

export type Permit =
  /** `first`: after a park, only if nobody else has gone first. */
  { readonly granted: true; readonly first?: boolean } | { readonly granted: false; readonly resumeAt: Date };

/** Agents keep this part of every hour for themselves. */
const AGENT_SHARE = 0.15;
/** Deltas take what they need, at most this part. */
export const DELTA_SHARE = 0.5;
/** While another tenant waits, no tenant spends more than this part of the hour on connects, manual runs and passes. */
const TENANT_SHARE = 0.1;

/** A tenant's first points of an hour for a run that a person waits for are not paced: a small site connects at once. */
const UNPACED_SHARE = 0.02;

const HOUR_MS = 3_600_000;
const WAITER_MEMORY_MS = 3 * 60_000;

/** Whether points may be spent now; when not, the moment at which asking again makes sense. */
export function decide(ledger: HourLedger, ask: Ask, now: Date): Permit {
  const end = new Date(Date.parse(ledger.hour) + HOUR_MS);
  if (ledger.parkedUntil) {
    return Date.parse(ledger.parkedUntil) > now.getTime()
      ? wait(new Date(ledger.parkedUntil))
      : { granted: true, first: true };
  }
  const total = ledger.spent.agent + ledger.spent.delta + ledger.spent.bulk;
  const left = Math.min(ledger.limit - total, remainingNow(ledger, now));
  if (ask.purpose === 'agent') return left >= ask.points ? { granted: true } : wait(end);

  const agentsKeep = Math.max(0, ledger.limit * AGENT_SHARE - ledger.spent.agent);
  if (left - agentsKeep < ask.points) return wait(end);
  if (ask.purpose === 'delta') {
    return ledger.spent.delta + ask.points <= ledger.limit * DELTA_SHARE ? { granted: true } : wait(end);
  }
  return decideBulk(ledger, ask, now, end);
}

function remainingNow({ remaining, resetAt }: HourLedger, now: Date): number {
  const isCountedAnew = resetAt !== undefined && Date.parse(resetAt) <= now.getTime();
  return isCountedAnew ? Number.POSITIVE_INFINITY : (remaining ?? Number.POSITIVE_INFINITY);
}

/** The half that is spent as fast as it is asked for, then the half that is paced over the hour. */
function decideBulk(ledger: HourLedger, ask: Ask, now: Date, end: Date): Permit {
  const share = bulkShare(ledger, ask.expectedDeltaPoints);
  const elapsed = (now.getTime() - Date.parse(ledger.hour)) / HOUR_MS;
  const wanted = ledger.spent.bulk + ask.points;
  if (wanted > share) return wait(end);
  if (!withinTenantShare(ledger, ask.tenantId, now)) return wait(end);
  const isFirst = (ledger.tenants[ask.tenantId] ?? 0) < ledger.limit * UNPACED_SHARE;
  if (ask.interactive && isFirst) return { granted: true };
  if (wanted <= share / 2 + (share / 2) * elapsed) return { granted: true };
  const due = Date.parse(ledger.hour) + ((wanted - share / 2) / (share / 2)) * HOUR_MS;
  // Who has had more this hour comes back later, so that tenants take turns.
  const turnMs = 60_000 * Math.min(1, (ledger.tenants[ask.tenantId] ?? 0) / (ledger.limit * TENANT_SHARE));
  return wait(new Date(Math.min(end.getTime(), due + turnMs)));
}

/** What connects, manual runs and passes share: all that agents and deltas do not need. */
export function bulkShare(ledger: Pick<HourLedger, 'limit' | 'spent'>, expectedDeltaPoints: number): number {
  const deltas = Math.min(Math.max(expectedDeltaPoints, ledger.spent.delta), ledger.limit * DELTA_SHARE);
  return ledger.limit * (1 - AGENT_SHARE) - deltas;
}

/** False when the tenant has spent its share of the hour and another tenant is waiting for points. */
export function withinTenantShare(ledger: HourLedger, tenantId: string, now: Date): boolean {
  const spent = ledger.tenants[tenantId] ?? 0;
  if (spent < ledger.limit * TENANT_SHARE) return true;
  return !ledger.waiters.some(
    (waiter) => waiter.tenantId !== tenantId && now.getTime() - Date.parse(waiter.at) < WAITER_MEMORY_MS,
  );
}

function wait(resumeAt: Date): Permit {
  return { granted: false, resumeAt };
}

export function hourOf(now: Date): string {
  return `${now.toISOString().slice(0, 13)}:00:00.000Z`;
}
