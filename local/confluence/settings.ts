import { z } from 'zod';
import type { Database } from './database.ts';

/** Every switch of the simulator with its default, which is what the documentation of Atlassian says. */
export const switchesSchema = z.strictObject({
  tokens: z.strictObject({
    accessTokenSeconds: z.int().positive(),
    codeSeconds: z.int().positive(),
    leewaySeconds: z.int().nonnegative(),
    inactivityDays: z.number().positive(),
    /** `documented`: invalid_grant; `measured`: unauthorized_client. */
    badRefreshAnswer: z.enum(['documented', 'measured']),
    /** A used or unknown code: 400, or 403 as older tenants answered. */
    badCodeStatus: z.union([z.literal(400), z.literal(403)]),
    /** `odd`: an expired access token answers 404 on v2 and 403 on v1, as one vendor saw. */
    expiredAnswer: z.enum(['unauthorized', 'odd']),
  }),
  quota: z.strictObject({
    /** 1: one budget for the app over all tenants; 2: one for each tenant. */
    tier: z.union([z.literal(1), z.literal(2)]),
    pointsPerHour: z.int().nonnegative(),
    retryAfter: z.enum(['seconds', 'zero', 'absent', 'date']),
    /** `documented`: confluence-quota-global-based; `live`: conf-global-based. */
    reason: z.enum(['documented', 'live']),
    headers: z.boolean(),
  }),
  search: z.strictObject({ indexLagMs: z.int().nonnegative() }),
  listing: z.strictObject({
    /** Share of listings that answer fewer results than asked for although more follow. */
    shortPageShare: z.number().min(0).max(1),
  }),
});
export type Switches = z.infer<typeof switchesSchema>;

/** A change of some switches; what is left out stays. */
export const switchesPatchSchema = z.strictObject({
  tokens: switchesSchema.shape.tokens.partial().optional(),
  quota: switchesSchema.shape.quota.partial().optional(),
  search: switchesSchema.shape.search.partial().optional(),
  listing: switchesSchema.shape.listing.partial().optional(),
});

export const DEFAULT_SWITCHES: Switches = {
  tokens: {
    accessTokenSeconds: 3600,
    codeSeconds: 300,
    leewaySeconds: 600,
    inactivityDays: 90,
    badRefreshAnswer: 'documented',
    badCodeStatus: 400,
    expiredAnswer: 'unauthorized',
  },
  quota: { tier: 1, pointsPerHour: 65_000, retryAfter: 'seconds', reason: 'documented', headers: true },
  search: { indexLagMs: 0 },
  listing: { shortPageShare: 0 },
};

/** Switches in memory, written through to the database. */
export class Settings {
  readonly #database: Database;
  #switches: Switches;

  constructor(database: Database) {
    this.#database = database;
    this.#switches = merge(
      DEFAULT_SWITCHES,
      readSetting<z.infer<typeof switchesPatchSchema>>(database, 'switches') ?? {},
    );
  }

  get switches(): Switches {
    return this.#switches;
  }

  patch(changes: z.infer<typeof switchesPatchSchema>): Switches {
    this.#switches = merge(this.#switches, changes);
    writeSetting(this.#database, 'switches', this.#switches);
    return this.#switches;
  }

  reset(): Switches {
    return this.patch(DEFAULT_SWITCHES);
  }
}

function merge(base: Switches, changes: z.infer<typeof switchesPatchSchema>): Switches {
  return switchesSchema.parse({
    tokens: { ...base.tokens, ...changes.tokens },
    quota: { ...base.quota, ...changes.quota },
    search: { ...base.search, ...changes.search },
    listing: { ...base.listing, ...changes.listing },
  });
}

export function readSetting<Value>(database: Database, name: string): Value | undefined {
  const row = database.get<{ value: string }>('SELECT value FROM setting WHERE name = ?', name);
  return row && (JSON.parse(row.value) as Value);
}

export function writeSetting(database: Database, name: string, value: unknown): void {
  database.run('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)', name, JSON.stringify(value));
}
