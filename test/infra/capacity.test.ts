import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityOf } from '../../checks/capacity.ts';
import { decide, type HourLedger, type Purpose } from '../../shared/sync/quota-policy.ts';

const MINUTE_MS = 60_000;

/** Spends one hour of Tier 1 as the service would: deltas as they fall due, and bulk work whenever it is let in. */
function spendHour(deltaPointsPerHour: number, expectedDeltaPoints: number): HourLedger['spent'] {
  const hour = '2026-01-01T10:00:00.000Z';
  let spent = { agent: 0, delta: 0, bulk: 0 };
  const spend = (purpose: Purpose, points: number, minute: number) => {
    const ledger: HourLedger = { hour, limit: 65_000, spent, tenants: {}, waiters: [] };
    const now = new Date(Date.parse(hour) + minute * MINUTE_MS);
    const permit = decide(ledger, { tenantId: 'a', purpose, points, expectedDeltaPoints }, now);
    if (permit.granted) spent = { ...spent, [purpose]: spent[purpose] + points };
    return permit.granted;
  };
  for (let minute = 0; minute < 60; minute += 1) {
    for (let due = 0; due < deltaPointsPerHour / 60; due += 10) if (!spend('delta', 10, minute)) break;
    while (spend('bulk', 50, minute));
  }
  return spent;
}

for (const tenants of [10, 360, 2_800]) {
  test(`the table for ${tenants} tenants is what the quota policy grants`, () => {
    const { deltaPoints, bulkPoints, deltaIntervalMinutes } = capacityOf(tenants, 1);
    const demand = (deltaPoints / 24) * (deltaIntervalMinutes / 15);
    const spent = spendHour(demand, deltaPoints / 24);
    assertNear(spent.delta, deltaPoints / 24, 0.05);
    assertNear(spent.bulk, bulkPoints / 24, 0.05);
  });
}

test('twice the tenants never stretch intervals less', () => {
  const stretches = [10, 20, 360, 720, 1_440, 2_800].map((tenants) => capacityOf(tenants, 1).stretch);
  assert.deepEqual(
    stretches,
    [...stretches].sort((a, b) => a - b),
  );
  assert.equal(capacityOf(2_800, 2).stretch, 1, 'on Tier 2 a tenant has points of its own');
});

function assertNear(actual: number, expected: number, part: number): void {
  const allowed = Math.max(expected * part, 700);
  assert.ok(Math.abs(actual - expected) <= allowed, `${actual} is not near ${expected}`);
}
