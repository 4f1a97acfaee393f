import { z } from 'zod';
import { LISTING_TRAPS } from '../http/exchange.ts';
import { type FaultRule, faultRuleSchema } from './faults.ts';

const V2_LISTING = '^/ex/confluence/[^/]+/wiki/api/v2/';

/** Faults that are wanted often, by name. What a request gives besides the name overrides the preset's part. */
const PRESETS: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    LISTING_TRAPS.map((kind) => [kind, { match: { path: V2_LISTING }, answer: { kind }, count: 1 }]),
  ),
  /** The second page of a listing fails; `skip: n` fails a later one. */
  'error-on-next-page': { match: { path: V2_LISTING, query: { cursor: '.' } }, answer: { status: 500 }, count: 1 },
  /** A large answer is refused until the client asks for less. */
  'too-many-bodies': {
    match: { path: V2_LISTING, query: { 'body-format': '.' }, limitAbove: 50 },
    answer: { status: 504 },
  },
  oversized: { match: { path: V2_LISTING }, answer: { kind: 'huge' }, count: 1 },
  /** A 429 of a short burst, without a word about when to come back unless `answer.retryAfter` says so. */
  'burst-429': {
    match: { path: '^/ex/confluence/' },
    answer: {
      status: 429,
      body: { code: 429, message: 'Rate limit exceeded' },
      headers: { 'content-type': 'application/json', 'RateLimit-Reason': 'confluence-burst-based' },
    },
    count: 1,
  },
  outage: { match: { path: '^/ex/confluence/' }, answer: { kind: 'html', status: 503 } },
};

const namedSchema = z.looseObject({
  name: z.string().refine((name) => name in PRESETS, `must be one of ${Object.keys(PRESETS).join(', ')}`),
  match: z.record(z.string(), z.unknown()).optional(),
  answer: z.record(z.string(), z.unknown()).optional(),
});

/** A rule from a request body: a rule in full, or `{name, …overrides}`. */
export function readFaultRule(body: unknown): FaultRule {
  if (typeof body !== 'object' || body === null || !('name' in body)) return faultRuleSchema.parse(body);
  const { name, match, answer, ...rest } = namedSchema.parse(body);
  const preset = (PRESETS[name] ?? {}) as { match?: object; answer?: object };
  return faultRuleSchema.parse({
    ...preset,
    ...rest,
    match: { ...preset.match, ...match },
    answer: { ...preset.answer, ...answer },
  });
}
