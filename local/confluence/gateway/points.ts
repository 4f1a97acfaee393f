import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { type Answer, json } from '../http/exchange.ts';
import { readSetting, type Settings, writeSetting } from '../settings.ts';

const HOUR_MS = 3_600_000;

/** Points spent in one UTC hour. */
interface Spent {
  hour: number;
  byCloudId: Record<string, number>;
}

/** What a call costs: one point, one for each object in the answer, two for each identity in it. */
export function costOf(objects: number, identities: number): number {
  return 1 + objects + 2 * identities;
}

/** The points quota: per app over all tenants (tier 1) or per tenant (tier 2), reset at the top of the simulated hour. */
export class Points {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #settings: Settings;
  #spent: Spent;

  constructor(database: Database, clock: Clock, settings: Settings) {
    this.#database = database;
    this.#clock = clock;
    this.#settings = settings;
    this.#spent = readSetting<Spent>(database, 'pointsSpent') ?? { hour: -1, byCloudId: {} };
  }

  /** Points spent this hour against the budget that a call for this tenant draws on. */
  spent(cloudId: string): number {
    this.#startHour();
    if (this.#settings.switches.quota.tier === 2) return this.#spent.byCloudId[cloudId] ?? 0;
    return Object.values(this.#spent.byCloudId).reduce((sum, points) => sum + points, 0);
  }

  isExhausted(cloudId: string): boolean {
    return this.spent(cloudId) >= this.#settings.switches.quota.pointsPerHour;
  }

  charge(cloudId: string, points: number): void {
    this.#startHour();
    this.#spent.byCloudId[cloudId] = (this.#spent.byCloudId[cloudId] ?? 0) + points;
    this.#save();
  }

  /** Sets what was spent this hour, to bring a test near the limit. */
  setSpent(cloudId: string, points: number): void {
    this.#startHour();
    if (this.#settings.switches.quota.tier === 1) this.#spent.byCloudId = {};
    this.#spent.byCloudId[cloudId] = points;
    this.#save();
  }

  resetHour(): void {
    this.#spent = { hour: this.#hour(), byCloudId: {} };
    this.#save();
  }

  /** The rate-limit headers of every gateway answer. */
  headers(cloudId: string): Record<string, string> {
    const { pointsPerHour, tier, headers } = this.#settings.switches.quota;
    if (!headers) return {};
    const remaining = Math.max(0, pointsPerHour - this.spent(cloudId));
    const policy = tier === 1 ? 'global-app-quota' : 'tenant-app-quota';
    return {
      'X-RateLimit-Limit': String(pointsPerHour),
      'X-RateLimit-Remaining': String(remaining),
      'X-RateLimit-Reset': new Date(this.#resetAt()).toISOString(),
      ...(remaining < pointsPerHour * 0.2 ? { 'X-RateLimit-NearLimit': 'true' } : {}),
      'RateLimit-Policy': `"${policy}";q=${pointsPerHour};w=3600`,
      RateLimit: `r=${remaining};t=${this.#secondsToReset()}`,
    };
  }

  /** The 429 of a spent quota. */
  refusal(): Answer {
    const { tier, reason } = this.#settings.switches.quota;
    const kind = tier === 1 ? 'global-based' : 'tenant-based';
    return json(
      429,
      { code: 429, message: 'Rate limit exceeded' },
      {
        'RateLimit-Reason': reason === 'documented' ? `confluence-quota-${kind}` : `conf-${kind}`,
        ...this.#retryAfter(),
      },
    );
  }

  #retryAfter(): Record<string, string> {
    switch (this.#settings.switches.quota.retryAfter) {
      case 'absent':
        return {};
      case 'zero':
        return { 'Retry-After': '0' };
      case 'date':
        return { 'Retry-After': new Date(this.#resetAt()).toUTCString() };
      case 'seconds':
        return { 'Retry-After': String(this.#secondsToReset()) };
    }
  }

  #hour(): number {
    return Math.floor(this.#clock.now() / HOUR_MS);
  }

  #resetAt(): number {
    return (this.#hour() + 1) * HOUR_MS;
  }

  #secondsToReset(): number {
    return Math.ceil((this.#resetAt() - this.#clock.now()) / 1000);
  }

  #startHour(): void {
    if (this.#spent.hour !== this.#hour()) this.#spent = { hour: this.#hour(), byCloudId: {} };
  }

  #save(): void {
    writeSetting(this.#database, 'pointsSpent', this.#spent);
  }
}
