import type { Connection, Pass, PassName } from '../connection/record.ts';
import type { Deps } from '../platform/deps.ts';
import { APP_TENANT } from '../platform/ids.ts';
import { readItem } from '../platform/items.ts';
import type { Settings } from '../platform/settings.ts';
import { readLedger } from './quota.ts';
import { bulkShare, hourOf } from './quota-policy.ts';

/** What a day's points allow: an item of the tenant `_app`, computed by the timer. */
interface StretchItem {
  readonly id: 'stretch';
  readonly tenantId: typeof APP_TENANT;
  readonly type: 'stretch';
  readonly stretch: number;
  readonly computedAt: string;
}

type StretchDeps = Pick<Deps, 'control' | 'settings' | 'now'>;
type Passes = Connection['passes'];

const COMPUTE_EVERY_MS = 3_600_000;
/** Of the points that agents and deltas leave; the rest is for connects and manual runs. */
const PART_FOR_PASSES = 0.8;

/** The shortest time between two passes. */
export function shortestIntervalMs(settings: Settings, pass: PassName): number {
  const hours = {
    ids: settings.IDS_PASS_INTERVAL_HOURS,
    labels: settings.LABELS_PASS_INTERVAL_HOURS,
    attachments: settings.ATTACHMENTS_PASS_INTERVAL_HOURS,
  }[pass];
  return hours * 3_600_000;
}

/** What these passes would cost an hour, were each done at its shortest interval. */
export function demandPerHour(settings: Settings, passes: Passes): number {
  return (Object.entries(passes) as [PassName, Pass][])
    .map(([name, { costPoints = 0 }]) => costPoints / (shortestIntervalMs(settings, name) / 3_600_000))
    .reduce((sum, points) => sum + points, 0);
}

/** By how much intervals grow so that the passes fit into what is left an hour for them; at least 1. */
export function stretchOf(demandAnHour: number, bulkPointsAnHour: number): number {
  return Math.max(1, demandAnHour / (PART_FOR_PASSES * bulkPointsAnHour));
}

/**
 * By how much this tenant's pass intervals are stretched now. On Tier 1 all tenants share one budget, and with it one
 * stretch, so that all indexes age alike; on Tier 2 each tenant has its own.
 */
export async function readStretch(deps: StretchDeps, tenantId: string, passes: Passes): Promise<number> {
  if (deps.settings.QUOTA_TIER === 2) {
    return stretchOf(demandPerHour(deps.settings, passes), await bulkPointsAnHour(deps, tenantId));
  }
  return (await readItem<StretchItem>(deps.control, APP_TENANT, 'stretch'))?.item.stretch ?? 1;
}

/** Whether the stretch that all tenants share has to be computed anew. */
export async function isStretchDue(deps: StretchDeps): Promise<boolean> {
  if (deps.settings.QUOTA_TIER === 2) return false;
  const stored = await readItem<StretchItem>(deps.control, APP_TENANT, 'stretch');
  return !stored || deps.now().getTime() - Date.parse(stored.item.computedAt) >= COMPUTE_EVERY_MS;
}

/** Stores the stretch for the demand of all tenants together. */
export async function writeStretch(deps: StretchDeps, demandAnHour: number): Promise<void> {
  const item: StretchItem = {
    id: 'stretch',
    tenantId: APP_TENANT,
    type: 'stretch',
    stretch: stretchOf(demandAnHour, await bulkPointsAnHour(deps, APP_TENANT)),
    computedAt: deps.now().toISOString(),
  };
  await deps.control.items.upsert(item);
}

/** What the last whole hour left to connects, manual runs and passes. */
async function bulkPointsAnHour(deps: StretchDeps, tenantId: string): Promise<number> {
  const lastHour = hourOf(new Date(deps.now().getTime() - 3_600_000));
  return bulkShare(await readLedger(deps, tenantId, lastHour), 0);
}
