import { parseArgs } from 'node:util';
import type { Connection, PassName } from '../shared/connection/record.ts';
import type { Deps } from '../shared/platform/deps.ts';
import { settingsSchema } from '../shared/platform/settings.ts';
import { askPoints, recordUsage } from '../shared/sync/quota.ts';
import type { Purpose } from '../shared/sync/quota-policy.ts';
import { FIRST_LIMIT } from '../shared/sync/steps/changes.ts';
import { demandPerHour, readStretch, shortestIntervalMs, writeStretch } from '../shared/sync/stretch.ts';
import { Chance } from '../test/sync/model/random.ts';
import { EventQueue } from './event-queue.ts';
import { memoryContainer } from './memory-container.ts';

/**
 * Two days of many tenants on one budget of 65,000 points an hour, in simulated time. The quota manager and the stretching
 * are the product's own; what a worker does is reduced to what it asks for and spends. Workers and Confluence are as
 * fast as they need to be: whoever waits here waits for points.
 */
export interface QuotaRow {
  readonly what: string;
  readonly [measure: string]: string | number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SIMULATED_HOURS = 48;
/** What happens before counts only to warm up: every tenant was connected in the weeks before. */
const WARM_UP_HOURS = 4;
const UNIT_MS = 1_000;

const settings = settingsSchema.parse({
  ...{ ATLASSIAN_CLIENT_ID: 'x', ATLASSIAN_CLIENT_SECRET: 'x', PUBLIC_URL: 'http://localhost', AUTH_AUDIENCE: 'x' },
  ...{ DASHBOARD_ORIGIN: 'http://localhost', AUTH_ISSUER: 'http://localhost', COSMOS_ENDPOINT: 'http://localhost' },
  ...{ KEY_VAULT_URL: 'http://localhost', AzureWebJobsStorage: 'x' },
});
const INTERVAL_MS = settings.SYNC_INTERVAL_MINUTES * MINUTE_MS;
const PASSES: readonly PassName[] = ['ids', 'labels', 'attachments'];

const SILENT: Deps['log'] = { debug() {}, info() {}, warn() {}, error() {} };

interface Tenant {
  readonly id: string;
  readonly pages: number;
  readonly changesPerDay: number;
  /** Changes that no delta has seen, by their time. */
  unseen: number[];
  lastHintsAt: number;
  passes: Connection['passes'];
  /** A run under way: points that it still needs, by pass. */
  run?: { left: [PassName, number][]; since: number; lastLookAt: number; interactive: boolean } | undefined;
}

/** What the simulation measures. */
interface Record {
  readonly freshnessMs: number[];
  readonly deltaWaitMs: number[];
  readonly passIntervalHours: { [pass in PassName]: number[] };
  readonly runHours: Map<string, number[]>;
  readonly spent: { [purpose in Purpose]: number };
  agentsRefused: number;
  triggers: { full: number; joined: number };
}

export async function benchQuota({ hours = SIMULATED_HOURS } = {}): Promise<{ name: string; rows: QuotaRow[] }> {
  const rows: QuotaRow[] = [];
  for (const tenants of [360, 2_800]) rows.push(...(await simulate(tenants, hours)));
  return { name: 'quota', rows };
}

async function simulate(count: number, hours: number): Promise<QuotaRow[]> {
  const world = new Simulation(count, hours);
  await world.run();
  return world.rows();
}

/** Sizes as a customer base has them: many small sites, few large ones. */
function pagesOf(chance: Chance, count: number): number {
  const kind = chance.next();
  const scale = count > 1_000 ? 0.5 : 1;
  if (kind < 0.7) return Math.round(scale * (100 + chance.below(600)));
  if (kind < 0.9) return Math.round(scale * (1_000 + chance.below(2_000)));
  if (kind < 0.99) return Math.round(scale * (5_000 + chance.below(8_000)));
  return Math.round(scale * 40_000);
}

/** Points of each pass, by DESIGN's figures: 2 labels a page, an attachment on every fifth. */
function costOf({ pages }: Pick<Tenant, 'pages'>, pass: PassName): number {
  return Math.ceil(pages * { ids: 1.004, labels: 2.05, attachments: 0.2 }[pass]);
}

class Simulation {
  now = Date.parse('2026-11-02T00:00:00Z');
  readonly #start = this.now;
  readonly #endAt: number;
  readonly #chance = new Chance(7);
  readonly #events = new EventQueue();
  readonly #tenants: Tenant[];
  readonly #deps: Pick<Deps, 'control' | 'settings' | 'now' | 'log'>;
  readonly #record: Record = {
    freshnessMs: [],
    deltaWaitMs: [],
    passIntervalHours: { ids: [], labels: [], attachments: [] },
    runHours: new Map(),
    spent: { agent: 0, delta: 0, bulk: 0 },
    agentsRefused: 0,
    triggers: { full: 0, joined: 0 },
  };
  readonly #count: number;
  #stretch = 1;

  constructor(count: number, hours: number) {
    this.#count = count;
    this.#endAt = this.#start + (WARM_UP_HOURS + hours) * HOUR_MS;
    this.#deps = { control: memoryContainer(), settings, log: SILENT, now: () => new Date(this.now) };
    this.#tenants = Array.from({ length: count }, (_, n) => this.#newTenant(`t${n}`, pagesOf(this.#chance, count)));
  }

  #newTenant(id: string, pages: number): Tenant {
    const busy = this.#chance.is(0.7);
    const tenant: Tenant = {
      id,
      pages,
      changesPerDay: busy ? 0.5 + (pages / 1_000) * 10 * this.#chance.next() : 0,
      unseen: [],
      lastHintsAt: this.now - this.#chance.below(HOUR_MS * 4),
      passes: {},
    };
    tenant.passes = Object.fromEntries(PASSES.map((pass) => [pass, { dueAt: '', costPoints: costOf(tenant, pass) }]));
    return tenant;
  }

  get #measures(): boolean {
    return this.now >= this.#start + WARM_UP_HOURS * HOUR_MS;
  }

  async run(): Promise<void> {
    await this.#computeStretch();
    for (const tenant of this.#tenants) this.#begin(tenant);
    this.#special();
    this.#every(HOUR_MS, () => this.#computeStretch());
    // Agents work all day, and for one hour in six they use all that is theirs.
    this.#every(MINUTE_MS, () => this.#agents());
    for (let event = this.#events.next(); event && event.at <= this.#endAt; event = this.#events.next()) {
      this.now = event.at;
      await event.happen();
    }
  }

  /** A tenant as it has been for weeks: every pass is somewhere in its interval. */
  #begin(tenant: Tenant): void {
    for (const pass of PASSES) {
      const interval = shortestIntervalMs(settings, pass) * this.#stretch;
      const dueAt = this.now + this.#chance.next() * interval;
      const done = { dueAt: iso(dueAt), lastSucceededAt: iso(dueAt - interval), costPoints: costOf(tenant, pass) };
      tenant.passes = { ...tenant.passes, [pass]: done };
    }
    this.#at(this.now + this.#chance.below(INTERVAL_MS), () => this.#due(tenant));
    if (tenant.changesPerDay > 0) this.#changeLater(tenant);
  }

  /** A site of 200,000 pages that connects, and somebody who triggers a sync every ten minutes all day. */
  #special(): void {
    const large = this.#newTenant('connects 200,000 pages', 200_000);
    this.#at(this.now + (WARM_UP_HOURS + 1.5) * HOUR_MS, async () => this.#startRun(large, PASSES));
    const impatient = this.#newTenant('triggers all day, 2,000 pages', 2_000);
    const small = this.#newTenant('connects 300 pages in a busy hour', 300);
    this.#at(this.now + (WARM_UP_HOURS + 9.7) * HOUR_MS, async () => this.#startRun(small, PASSES));
    this.#every(10 * MINUTE_MS, async () => {
      if (impatient.run) this.#record.triggers.joined += 1;
      else {
        this.#record.triggers.full += 1;
        this.#startRun(impatient, PASSES);
      }
    });
  }

  #changeLater(tenant: Tenant): void {
    const meanMs = (24 * HOUR_MS) / tenant.changesPerDay;
    this.#at(this.now - Math.log(1 - this.#chance.next()) * meanMs, async () => {
      tenant.unseen.push(this.now);
      this.#changeLater(tenant);
    });
  }

  /** The minute timer finds a tenant due. */
  async #due(tenant: Tenant): Promise<void> {
    if (tenant.run) return this.#nextDelta(tenant);
    const due = PASSES.filter((pass) => (tenant.passes[pass]?.dueAt ?? '') <= iso(this.now));
    if (due.length > 0) this.#startRun(tenant, due, false);
    else await this.#delta(tenant, this.now);
    this.#nextDelta(tenant);
  }

  #nextDelta(tenant: Tenant): void {
    this.#at(Math.ceil((this.now + INTERVAL_MS) / MINUTE_MS) * MINUTE_MS, () => this.#due(tenant));
  }

  /** Probe, hints once an hour, and the changes; without points it comes back when they are there. */
  async #delta(tenant: Tenant, dueAt: number): Promise<void> {
    const permit = await askPoints(this.#deps, tenant.id, 'delta', 6);
    if (!permit.granted) {
      const retryAt = Math.min(permit.resumeAt.getTime(), dueAt + INTERVAL_MS);
      if (retryAt < dueAt + INTERVAL_MS) this.#at(toMinute(retryAt), () => this.#delta(tenant, dueAt));
      return;
    }
    if (this.#measures) this.#record.deltaWaitMs.push(this.now - dueAt);
    const hints = this.now - tenant.lastHintsAt >= HOUR_MS * this.#stretch;
    if (hints) tenant.lastHintsAt = this.now;
    await this.#spend(tenant, 'delta', 2 + (hints ? 4 : 0));
    if (tenant.unseen.length > 0) await this.#takeChanges(tenant);
  }

  async #takeChanges(tenant: Tenant): Promise<void> {
    const permit = await askPoints(this.#deps, tenant.id, 'delta', 1 + FIRST_LIMIT);
    if (!permit.granted) {
      this.#at(permit.resumeAt.getTime(), () => this.#takeChanges(tenant));
      return;
    }
    // The listing ends in the API page that reaches what is known; each changed page is asked for its labels.
    const listed = tenant.unseen.length < FIRST_LIMIT ? FIRST_LIMIT : FIRST_LIMIT + 50;
    await this.#spend(tenant, 'delta', 1 + listed + 3 * tenant.unseen.length);
    if (this.#measures) for (const at of tenant.unseen) this.#record.freshnessMs.push(this.now - at);
    tenant.unseen = [];
  }

  #startRun(tenant: Tenant, passes: readonly PassName[], interactive = true): void {
    const left = passes.map((pass): [PassName, number] => [pass, costOf(tenant, pass)]);
    tenant.run = { left, since: this.now, lastLookAt: this.now, interactive };
    this.#at(this.now, () => this.#unit(tenant));
  }

  /** One API page of a run, or a look for changes when one is due. */
  async #unit(tenant: Tenant): Promise<void> {
    const { run } = tenant;
    if (!run) return;
    const lookAt = run.lastLookAt + INTERVAL_MS;
    if (this.now >= lookAt) {
      run.lastLookAt = this.now;
      await this.#delta(tenant, lookAt);
    }
    const [current] = run.left;
    if (!current) return this.#endRun(tenant);
    const points = Math.min(251, current[1]);
    const permit = await askPoints(this.#deps, tenant.id, 'bulk', points, run.interactive);
    if (!permit.granted) {
      this.#at(Math.min(permit.resumeAt.getTime(), Math.max(lookAt, this.now + UNIT_MS)), () => this.#unit(tenant));
      return;
    }
    await this.#spend(tenant, 'bulk', points);
    current[1] -= points;
    if (current[1] <= 0) {
      run.left.shift();
      this.#endPass(tenant, current[0]);
    }
    this.#at(this.now + UNIT_MS, () => this.#unit(tenant));
  }

  #endPass(tenant: Tenant, pass: PassName): void {
    const last = tenant.passes[pass]?.lastSucceededAt;
    if (last && this.#measures) this.#record.passIntervalHours[pass].push((this.now - Date.parse(last)) / HOUR_MS);
    const dueAt = iso(this.now + shortestIntervalMs(settings, pass) * this.#stretch);
    tenant.passes = {
      ...tenant.passes,
      [pass]: { dueAt, lastSucceededAt: iso(this.now), costPoints: costOf(tenant, pass) },
    };
  }

  #endRun(tenant: Tenant): void {
    const hours = (this.now - (tenant.run?.since ?? this.now)) / HOUR_MS;
    if (this.#measures) this.#record.runHours.set(tenant.id, [...(this.#record.runHours.get(tenant.id) ?? []), hours]);
    tenant.run = undefined;
  }

  async #agents(): Promise<void> {
    const isRush = new Date(this.now).getUTCHours() % 6 === 3;
    const points = Math.round((65_000 * (isRush ? 0.149 : 0.03)) / 60);
    const permit = await askPoints(this.#deps, 'agents', 'agent', points);
    if (permit.granted) await this.#spend({ id: 'agents' }, 'agent', points);
    else this.#record.agentsRefused += 1;
  }

  async #spend({ id }: Pick<Tenant, 'id'>, purpose: Purpose, points: number): Promise<void> {
    await recordUsage(this.#deps, id, purpose, { points });
    if (this.#measures) this.#record.spent[purpose] += points;
  }

  async #computeStretch(): Promise<void> {
    const demand = this.#tenants.reduce((sum, { passes }) => sum + demandPerHour(settings, passes), 0);
    await writeStretch(this.#deps, demand);
    this.#stretch = await readStretch(this.#deps, 'any', {});
  }

  #at(at: number, happen: () => Promise<void> | void): void {
    this.#events.add(Math.max(at, this.now), async () => happen());
  }

  #every(periodMs: number, happen: () => Promise<void>): void {
    const again = async () => {
      await happen();
      this.#at(this.now + periodMs, again);
    };
    this.#at(this.now + periodMs, again);
  }

  rows(): QuotaRow[] {
    const { freshnessMs, deltaWaitMs, passIntervalHours, runHours, spent, agentsRefused, triggers } = this.#record;
    const hours = (this.#endAt - this.#start) / HOUR_MS - WARM_UP_HOURS;
    const minutes = (values: number[], part: number) => round(quantile(values, part) / MINUTE_MS);
    const who = `${this.#count} tenants`;
    const oldest = Math.max(0, ...this.#tenants.flatMap(({ unseen }) => unseen.map((at) => this.now - at)));
    const special = (name: string) => runHours.get(name) ?? [];
    const largeDone = special('connects 200,000 pages')[0];
    return [
      {
        what: `${who}: minutes from a change in Confluence to the index`,
        p50: minutes(freshnessMs, 0.5),
        p99: minutes(freshnessMs, 0.99),
        max: minutes(freshnessMs, 1),
        changes: freshnessMs.length,
        'oldest unseen at the end': round(oldest / MINUTE_MS),
      },
      {
        what: `${who}: minutes that a due delta waited for points`,
        p50: minutes(deltaWaitMs, 0.5),
        p99: minutes(deltaWaitMs, 0.99),
        max: minutes(deltaWaitMs, 1),
      },
      ...PASSES.map((pass) => ({
        what: `${who}: hours between two ${pass} passes (stretch ${round(this.#stretch)})`,
        p50: round(quantile(passIntervalHours[pass], 0.5)),
        p99: round(quantile(passIntervalHours[pass], 0.99)),
        max: round(quantile(passIntervalHours[pass], 1)),
        passes: passIntervalHours[pass].length,
      })),
      {
        what: `${who}: points an hour`,
        agents: Math.round(spent.agent / hours),
        deltas: Math.round(spent.delta / hours),
        'connects, manual runs, passes': Math.round(spent.bulk / hours),
        'agents refused': agentsRefused,
      },
      {
        what: `${who}: hours for 300 pages that connect in a busy hour; for 200,000; runs of who triggers all day`,
        '300 pages': round(special('connects 300 pages in a busy hour')[0] ?? Number.NaN),
        '200,000 pages': largeDone === undefined ? 'still at work' : round(largeDone),
        'triggered runs': triggers.full,
        joined: triggers.joined,
      },
    ];
  }
}

function toMinute(at: number): number {
  return Math.ceil(at / MINUTE_MS) * MINUTE_MS;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Alone: `node bench/quota-simulation.ts [--hours 48]`. */
if (import.meta.main) {
  const { values } = parseArgs({ options: { hours: { type: 'string', default: String(SIMULATED_HOURS) } } });
  for (const row of (await benchQuota({ hours: Number(values.hours) })).rows) console.log(JSON.stringify(row));
}
