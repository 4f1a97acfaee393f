import { z } from 'zod';
import { Random } from '../content/random.ts';
import type { Database } from '../database.ts';
import { type Answer, type Exchange, LISTING_TRAPS } from '../http/exchange.ts';
import { readSetting, writeSetting } from '../settings.ts';
import { regexSchema } from './regex.ts';

/** What goes wrong. Listing traps change a listing; the other kinds change how an answer is sent, or replace it. */
export const FAULT_KINDS = [
  'status',
  'reset',
  'timeout',
  'html',
  'truncated-json',
  'slow',
  'huge',
  ...LISTING_TRAPS,
] as const;

export const faultRuleSchema = z.strictObject({
  match: z
    .strictObject({
      method: z.string().optional(),
      /** Regular expressions, tested anywhere in the path and in query values. */
      path: regexSchema.optional(),
      cloudId: z.string().optional(),
      query: z.record(z.string(), regexSchema).optional(),
      /** Only listings that ask for more than this. */
      limitAbove: z.int().nonnegative().optional(),
      /** Only answers in whose text this stands, such as `"id":"98310"`: a page that cannot be read. */
      answerContains: z.string().min(1).optional(),
    })
    .default({}),
  answer: z
    .strictObject({
      kind: z.enum(FAULT_KINDS).default('status'),
      status: z.int().min(200).max(599).default(500),
      body: z.unknown().optional(),
      headers: z.record(z.string(), z.string()).default({}),
      /** Of `slow`: how long the answer is held back. */
      delayMs: z.int().nonnegative().default(1_000),
      /** Of `huge`: the size to which the answer is padded. */
      bytes: z.int().positive().default(21_000_000),
      /** Sends `Retry-After` in this form. */
      retryAfter: z.union([z.enum(['absent', 'date']), z.int().nonnegative()]).default('absent'),
    })
    .prefault({}),
  /** How often it strikes; without it, until deleted. */
  count: z.int().positive().optional(),
  /** How many matching requests pass first. */
  skip: z.int().nonnegative().default(0),
  probability: z.number().min(0).max(1).default(1),
  seed: z.int().default(1),
});
export type FaultRule = z.infer<typeof faultRuleSchema>;

interface ActiveRule {
  id: number;
  rule: FaultRule;
  /** Matching requests so far, and how often it struck. */
  seen: number;
  struck: number;
}

/** Rules by which answers go wrong, stored so that they outlive a restart. */
export class Faults {
  readonly #database: Database;
  #rules: ActiveRule[];

  constructor(database: Database) {
    this.#database = database;
    this.#rules = readSetting<ActiveRule[]>(database, 'faults') ?? [];
  }

  list(): readonly ActiveRule[] {
    return this.#rules;
  }

  add(rule: FaultRule): ActiveRule {
    const active = { id: Math.max(0, ...this.#rules.map((other) => other.id)) + 1, rule, seen: 0, struck: 0 };
    this.#rules.push(active);
    this.#save();
    return active;
  }

  remove(id?: number): void {
    this.#rules = id === undefined ? [] : this.#rules.filter((active) => active.id !== id);
    this.#save();
  }

  /** The rule that strikes this request before it is answered, if any. */
  strike(exchange: Exchange): FaultRule['answer'] | undefined {
    return this.#strike((rule) => rule.match.answerContains === undefined && matchesRequest(rule, exchange));
  }

  /** The rule that strikes because of what the answer holds, if any. */
  strikeAnswer(exchange: Exchange, answer: Answer): FaultRule['answer'] | undefined {
    const { body } = answer;
    return this.#strike(
      (rule) =>
        rule.match.answerContains !== undefined &&
        typeof body === 'string' &&
        body.includes(rule.match.answerContains) &&
        matchesRequest(rule, exchange),
    );
  }

  #strike(isHit: (rule: FaultRule) => boolean): FaultRule['answer'] | undefined {
    for (const active of this.#rules) {
      const { rule } = active;
      if (rule.count !== undefined && active.struck >= rule.count) continue;
      if (!isHit(rule)) continue;
      active.seen++;
      const strikes = active.seen > rule.skip && new Random(rule.seed, active.seen).next() < rule.probability;
      if (strikes) active.struck++;
      this.#save();
      if (strikes) return rule.answer;
    }
    return undefined;
  }

  #save(): void {
    writeSetting(this.#database, 'faults', this.#rules);
  }
}

function matchesRequest({ match }: FaultRule, exchange: Exchange): boolean {
  if (match.method && match.method.toUpperCase() !== exchange.method) return false;
  if (match.path && !new RegExp(match.path).test(exchange.path)) return false;
  if (match.cloudId && !exchange.path.startsWith(`/ex/confluence/${match.cloudId}/`)) return false;
  if (match.limitAbove !== undefined && Number(exchange.query.get('limit') ?? 25) <= match.limitAbove) return false;
  return Object.entries(match.query ?? {}).every(([name, pattern]) =>
    exchange.query.getAll(name).some((value) => new RegExp(pattern).test(value)),
  );
}
