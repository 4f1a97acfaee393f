import { bulkShare, DELTA_SHARE } from '../shared/sync/quota-policy.ts';

/** What one tenant looks like in the worked examples: a thousand pages, edited through the working day. */
export const EXAMPLE_TENANT = {
  pages: 1_000,
  /** Points of one pass over all pages, labels, attachments and authors. */
  passPoints: { ids: 1_000, labels: 2_050, attachments: 200, authors: 100 },
  /** Deltas of a day that find something: each lists 25 pages with bodies and the labels of three of them. */
  changedDeltas: 8,
  toolCalls: 100,
  /** Of these, the ones that ask Confluence; the others search the index, which costs no points. */
  liveToolCalls: 20,
} as const;

export const POINTS = {
  idleDelta: 2,
  /** Two hints of two points each, once an hour. */
  hintsPerHour: 4,
  changedDelta: 2 + 26 + 3 * 3,
  liveToolCall: 3,
} as const;

/**
 * Request units. The idle delta (with its claim) and the timer are what the local Cosmos DB emulator charges, which
 * follows Microsoft's table; the others are estimates from the reads and writes that they make.
 */
export const REQUEST_UNITS = {
  idleDelta: 25,
  changedDelta: 250,
  timerTick: 14,
  pageCompared: 0.1,
  toolCall: 20,
} as const;

const HOURS = 24;
const POINTS_PER_HOUR = 65_000;
const INTERVAL_HOURS = { ids: 24, labels: 168, attachments: 168, authors: 168 } as const;

export interface Capacity {
  readonly tenants: number;
  readonly tier: 1 | 2;
  /** Points of a day that deltas take, after the cap of their share. */
  readonly deltaPoints: number;
  /** Points of a day that agents spend. */
  readonly agentPoints: number;
  /** How often a tenant is looked at, when the deltas' share is enough or not. */
  readonly deltaIntervalMinutes: number;
  /** Points of a day that are left for passes, connects and manual runs. */
  readonly bulkPoints: number;
  /** What all passes would cost a day at their shortest intervals. */
  readonly passDemand: number;
  /** By how much pass intervals are stretched; 1: not at all. */
  readonly stretch: number;
  readonly idsIntervalHours: number;
  readonly labelsIntervalHours: number;
  readonly executionsPerDay: number;
  readonly requestUnitsPerDay: number;
}

/** The day of an installation with so many tenants of {@link EXAMPLE_TENANT}'s kind, looking every 15 minutes. */
export function capacityOf(tenants: number, tier: 1 | 2): Capacity {
  const deltasPerTenant = (HOURS * 60) / 15;
  const { changedDeltas, passPoints, pages, toolCalls, liveToolCalls } = EXAMPLE_TENANT;
  const deltaDemandPerTenant =
    (deltasPerTenant - changedDeltas) * POINTS.idleDelta +
    changedDeltas * POINTS.changedDelta +
    HOURS * POINTS.hintsPerHour;
  // Tier 1 is one budget for everybody, Tier 2 one for each tenant.
  const sharing = tier === 1 ? tenants : 1;
  const deltaDemand = sharing * deltaDemandPerTenant;
  const deltaPoints = Math.min(deltaDemand, HOURS * POINTS_PER_HOUR * DELTA_SHARE);
  const agentPoints = sharing * liveToolCalls * POINTS.liveToolCall;
  const hourly = { limit: POINTS_PER_HOUR, spent: { agent: agentPoints / HOURS, delta: deltaPoints / HOURS, bulk: 0 } };
  // Agents may spend more than what is kept for them; then less is left for passes.
  const left = HOURS * POINTS_PER_HOUR - deltaPoints - agentPoints;
  const bulkPoints = Math.min(left, HOURS * bulkShare(hourly, deltaPoints / HOURS));
  const passDemand =
    sharing * HOURS * Object.entries(passPoints).reduce((sum, [pass, cost]) => sum + cost / intervalOf(pass), 0);
  const stretch = Math.max(1, passDemand / bulkPoints);
  const budgets = tenants / sharing;
  const looks = (tenants * deltasPerTenant * deltaPoints) / deltaDemand;
  const passes = tenants * HOURS * (1 / 24 + 2 / 168) * (1 / stretch);
  return {
    tenants,
    tier,
    deltaPoints: budgets * deltaPoints,
    agentPoints: budgets * agentPoints,
    deltaIntervalMinutes: (15 * deltaDemand) / deltaPoints,
    bulkPoints: budgets * bulkPoints,
    passDemand: budgets * passDemand,
    stretch,
    idsIntervalHours: INTERVAL_HOURS.ids * stretch,
    labelsIntervalHours: INTERVAL_HOURS.labels * stretch,
    executionsPerDay: looks + 3 * passes + tenants * toolCalls + HOURS * 60,
    requestUnitsPerDay:
      looks * REQUEST_UNITS.idleDelta +
      tenants * changedDeltas * (REQUEST_UNITS.changedDelta - REQUEST_UNITS.idleDelta) +
      passes * pages * REQUEST_UNITS.pageCompared +
      tenants * toolCalls * REQUEST_UNITS.toolCall +
      HOURS * 60 * REQUEST_UNITS.timerTick,
  };
}

function intervalOf(pass: string): number {
  return INTERVAL_HOURS[pass as keyof typeof INTERVAL_HOURS];
}
