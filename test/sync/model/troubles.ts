import { databaseFault, fault, type SyncedTenant, type World } from '../support.ts';
import type { Chance } from './random.ts';

/** Something that goes wrong for a while. */
type Trouble = (world: World, tenant: SyncedTenant, chance: Chance) => Promise<unknown>;

/** A few answers of Confluence's, after some that are right. */
function answers(answer: object): Trouble {
  return (world, tenant, chance) =>
    fault(world, tenant, {
      match: { path: '^/ex/confluence/' },
      answer,
      skip: chance.below(8),
      count: 1 + chance.below(3),
    });
}

function listing(kind: string): Trouble {
  return (world, tenant, chance) =>
    fault(world, tenant, { match: { path: '/wiki/api/v2/' }, answer: { kind }, skip: chance.below(6), count: 1 });
}

function database(status: number, match: object = {}): Trouble {
  return (_world, _tenant, chance) =>
    databaseFault(_world, {
      status,
      count: 1 + chance.below(3),
      skip: chance.below(15),
      applied: status === 503 && chance.is(0.5),
      match: { container: chance.is(0.5) ? 'pages' : 'control', ...match },
    });
}

export const TROUBLES: Readonly<Record<string, Trouble>> = {
  'burst 429': answers({ status: 429, headers: { 'RateLimit-Reason': 'confluence-burst-based' }, retryAfter: 0 }),
  '429 without a word': answers({ status: 429 }),
  '429 with a date': answers({ status: 429, retryAfter: 'date' }),
  '500': answers({ status: 500 }),
  '502 as HTML': answers({ kind: 'html', status: 502 }),
  timeout: answers({ kind: 'timeout' }),
  reset: answers({ kind: 'reset' }),
  'truncated JSON': answers({ kind: 'truncated-json' }),
  'truncated listing': listing('truncated-listing'),
  'repeated cursor': listing('repeated-cursor'),
  'empty next': listing('empty-next'),
  unordered: listing('unordered'),
  overlapping: listing('overlapping-pages'),
  'database 429': database(429),
  'database 503': database(503),
  'database 412': database(412, { operation: 'patch' }),
  'database 449': database(449),
  'vault down': (world) => world.vault('POST', 'faults', { status: 503, durationSeconds: 0.3 }),
  'tokens expire': (world) => world.simulator('POST', 'tokens/expire'),
};

export async function endTroubles(world: World): Promise<void> {
  await world.simulator('DELETE', 'faults');
  await world.vault('DELETE', 'faults');
  await fetch(`${world.env.COSMOS_ENDPOINT}/_emulator/faults`, { method: 'DELETE' });
}
