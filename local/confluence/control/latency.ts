import { z } from 'zod';
import type { Database } from '../database.ts';
import type { Exchange } from '../http/exchange.ts';
import { readSetting, writeSetting } from '../settings.ts';
import { regexSchema } from './regex.ts';

export const latencySchema = z.strictObject({
  /** Added to every answer. */
  fixedMs: z.int().nonnegative().max(600_000).default(0),
  /** Added to answers whose path matches, on top; `perObjectMs` for each object in the answer. */
  rules: z
    .array(
      z.strictObject({
        path: regexSchema,
        ms: z.int().nonnegative().max(600_000).default(0),
        perObjectMs: z.number().nonnegative().max(10_000).default(0),
      }),
    )
    .default([]),
});
type LatencySettings = z.infer<typeof latencySchema>;

/** How long answers are held back, in real time. */
export class Latency {
  readonly #database: Database;
  #settings: LatencySettings;

  constructor(database: Database) {
    this.#database = database;
    this.#settings = latencySchema.parse(readSetting(database, 'latency') ?? {});
  }

  get settings(): LatencySettings {
    return this.#settings;
  }

  set(settings: LatencySettings): void {
    this.#settings = settings;
    writeSetting(this.#database, 'latency', settings);
  }

  of(exchange: Exchange): number {
    let delayMs = this.#settings.fixedMs;
    for (const rule of this.#settings.rules) {
      if (!new RegExp(rule.path).test(exchange.path)) continue;
      delayMs += rule.ms + rule.perObjectMs * (exchange.notes.objects ?? 0);
    }
    return delayMs;
  }
}
