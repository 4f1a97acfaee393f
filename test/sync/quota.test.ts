import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { askPoints, parkBudget, recordUsage } from '../../shared/sync/quota.ts';
import { type Ask, decide, type HourLedger } from '../../shared/sync/quota-policy.ts';
import { stretchOf } from '../../shared/sync/stretch.ts';
import { processOf, startWorld, type World } from './support.ts';

/** Who may spend how many of the hour's points. */

const HOUR = '2026-11-02T10:00:00.000Z';
const at = (minute: number) => new Date(Date.parse(HOUR) + minute * 60_000);

function ledger(changes: Partial<HourLedger> = {}): HourLedger {
  return { hour: HOUR, limit: 65_000, spent: { agent: 0, delta: 0, bulk: 0 }, tenants: {}, waiters: [], ...changes };
}

function ask(changes: Partial<Ask> = {}): Ask {
  return { tenantId: 'a', purpose: 'bulk', points: 250, expectedDeltaPoints: 10_000, ...changes };
}

/** The minute at which asking again makes sense; 0 when granted. */
function waitOf(book: HourLedger, asked: Ask, minute: number): number {
  const permit = decide(book, asked, at(minute));
  return permit.granted ? 0 : (permit.resumeAt.getTime() - Date.parse(HOUR)) / 60_000;
}

test('agents come first: their 15 % are left to them, and they may use whatever is left', () => {
  const spent = { agent: 0, delta: 10_000, bulk: 65_000 * 0.85 - 10_000 };
  assert.equal(waitOf(ledger({ spent }), ask({ purpose: 'agent' }), 5), 0);
  assert.equal(waitOf(ledger({ spent }), ask({ purpose: 'delta', points: 2 }), 5), 60);
  assert.equal(waitOf(ledger({ spent }), ask(), 5), 60);
});

test('deltas take what they need, up to half of the hour', () => {
  const half = { agent: 0, delta: 32_499, bulk: 0 };
  assert.equal(waitOf(ledger({ spent: half }), ask({ purpose: 'delta', points: 1 }), 5), 0);
  assert.equal(waitOf(ledger({ spent: half }), ask({ purpose: 'delta', points: 2 }), 5), 60);
});

test('half of the rest is spent as fast as it is asked for, the other half paced over the hour', () => {
  const share = 65_000 * 0.85 - 10_000;
  const spend = (bulk: number) => ledger({ spent: { agent: 0, delta: 0, bulk } });
  assert.equal(waitOf(spend(share / 2 - 250), ask(), 0), 0);
  const resumes = waitOf(spend(share * 0.75), ask(), 0);
  assert.ok(resumes > 29 && resumes < 32, `${resumes}`);
  assert.equal(waitOf(spend(share * 0.75), ask(), 31), 0);
  assert.equal(waitOf(spend(share), ask(), 59), 60);
});

test('a run that a person waits for begins at once in a busy hour, with the first points of its tenant', () => {
  const busy = ledger({ spent: { agent: 0, delta: 0, bulk: 40_000 }, tenants: { b: 1_300 } });
  assert.ok(waitOf(busy, ask(), 20) > 20);
  assert.equal(waitOf(busy, ask({ interactive: true }), 20), 0);
  assert.ok(waitOf(busy, ask({ tenantId: 'b', interactive: true }), 20) > 20);
});

test('no tenant spends more than a tenth of the hour while another one waits', () => {
  const tenants = { a: 6_500 };
  const spent = { agent: 0, delta: 0, bulk: 6_500 };
  const waiting = [{ tenantId: 'b', at: at(9).toISOString() }];
  assert.equal(waitOf(ledger({ spent, tenants }), ask(), 10), 0);
  assert.equal(waitOf(ledger({ spent, tenants, waiters: waiting }), ask(), 10), 60);
  assert.equal(waitOf(ledger({ spent, tenants, waiters: waiting }), ask({ tenantId: 'b' }), 10), 0);
  assert.equal(
    waitOf(ledger({ spent, tenants, waiters: waiting }), ask(), 20),
    0,
    'who no longer asks no longer waits',
  );
});

test("Atlassian's own count goes before ours, until it counts anew", () => {
  const told = ledger({ remaining: 100, resetAt: at(40).toISOString() });
  assert.equal(waitOf(told, ask({ purpose: 'delta', points: 2 }), 30), 60);
  assert.equal(waitOf(told, ask({ purpose: 'delta', points: 2 }), 41), 0);
});

test('passes that fit are not stretched, passes that do not are stretched until they fit', () => {
  assert.equal(stretchOf(10_000, 45_000), 1);
  assert.equal(stretchOf(72_000, 45_000), 2);
});

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

test('after a park one goes first, the others wait for its answer; a late answer from before says nothing', async () => {
  const deps = processOf(world, {}, 0);
  const until = new Date(Date.now() + 60_000);
  const resumeAt = await parkBudget(deps, 'a', until);
  assert.ok(resumeAt.getTime() >= until.getTime() && resumeAt.getTime() <= until.getTime() + 5_000);
  const asking = (tenantId: string, ahead: number) => askPoints(processOf(world, {}, ahead), tenantId, 'delta', 2);
  assert.equal((await asking('b', 0)).granted, false);
  await recordUsage(deps, 'c', 'delta', { points: 2 });
  assert.equal((await asking('b', 0)).granted, false, 'still parked');

  const first = await Promise.all(['b', 'c', 'd', 'e'].map((tenantId) => asking(tenantId, 66_000)));
  assert.equal(first.filter(({ granted }) => granted).length, 1);
  const winner = ['b', 'c', 'd', 'e'][first.findIndex(({ granted }) => granted)] ?? '';
  await recordUsage(processOf(world, {}, 66_000), winner, 'delta', { points: 2, remaining: 60_000 });
  assert.equal((await asking('e', 66_000)).granted, true);
});
