import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { disconnect } from '../../shared/connection/disconnect.ts';
import { reportPersonalData } from '../../shared/connection/reporting.ts';
import { authorItemId } from '../../shared/index/authors.ts';
import { newTenant, startWorld, type World } from './world.ts';

// The report is about everything that is stored, so each test has a world of its own.
let world: World;
beforeEach(async () => {
  await world?.close();
  world = await startWorld();
});
after(() => world.close());

const DAY_MS = 86_400_000;
const inDays = (days: number) => ({ ...world.deps, now: () => new Date(Date.now() + days * DAY_MS) });
const reports = () => world.requests('/app/report-accounts');

async function connectedTenant() {
  const tenantId = newTenant();
  const person = await world.person();
  const { cloudId } = await world.site([person]);
  await world.connect(tenantId, person, [cloudId]);
  return { tenantId, person };
}

async function nameOf(tenantId: string, accountId: string): Promise<string | undefined> {
  const { resource } = await world.deps.control.item(authorItemId(accountId), tenantId).read<{ displayName: string }>();
  return resource?.displayName;
}

function storeName(tenantId: string, accountId: string, displayName: string) {
  const fetchedAt = new Date().toISOString();
  return world.deps.control.items.upsert({
    id: authorItemId(accountId),
    tenantId,
    type: 'author',
    accountId,
    displayName,
    fetchedAt,
    ttl: 3600,
  });
}

test('closed accounts are erased in every tenant, changed ones are read again, the others stay', async () => {
  const { tenantId, person } = await connectedTenant();
  const second = await connectedTenant();
  const [closed, renamed] = [await world.person(), await world.person()];
  for (const tenant of [tenantId, second.tenantId]) {
    await storeName(tenant, closed.accountId, closed.name);
    await storeName(tenant, renamed.accountId, renamed.name);
  }
  await world.simulator('PATCH', `accounts/${closed.accountId}`, { status: 'closed' });
  await world.simulator('PATCH', `accounts/${renamed.accountId}`, { displayName: 'New Name' });
  assert.equal(await reportPersonalData(world.deps), 6);
  for (const tenant of [tenantId, second.tenantId]) {
    assert.equal(await nameOf(tenant, closed.accountId), undefined);
    assert.equal(await nameOf(tenant, renamed.accountId), 'New Name');
  }
  assert.equal(await nameOf(tenantId, person.accountId), person.name);
});

test('the cycle that Atlassian asks for is honoured', async () => {
  await connectedTenant();
  assert.equal(await reportPersonalData(world.deps), 1);
  assert.equal(await reportPersonalData(inDays(6)), 0);
  assert.equal(await reports(), 1);
  await world.simulator('POST', 'faults', {
    match: { path: '/app/report-accounts' },
    answer: { status: 204, headers: { 'cycle-period': '20' } },
    count: 1,
  });
  assert.equal(await reportPersonalData(inDays(7)), 1);
  assert.equal(await reportPersonalData(inDays(26)), 0);
  assert.equal(await reportPersonalData(inDays(27.5)), 1);
});

test('no call reports more than ninety accounts', async () => {
  const { tenantId } = await connectedTenant();
  for (let n = 1; n <= 100; n += 1) await storeName(tenantId, `712020:${n}`, `Name ${n}`);
  assert.equal(await reportPersonalData(world.deps), 101);
  assert.equal(await reports(), 2);
});

test('a report that fails half-way is made again as a whole the next time', async () => {
  await connectedTenant();
  await world.simulator('POST', 'faults', {
    match: { path: '/app/report-accounts' },
    answer: { status: 503 },
    count: 1,
  });
  await assert.rejects(reportPersonalData(world.deps), { kind: 'outage' });
  assert.equal(await reportPersonalData(world.deps), 1);
});

test('a name that cannot be read again is erased rather than kept outdated', async () => {
  await connectedTenant();
  const gone = await connectedTenant();
  const renamed = await world.person();
  await storeName(gone.tenantId, renamed.accountId, renamed.name);
  await disconnect(world.deps, gone.tenantId, { eraseIndex: false });
  await world.simulator('PATCH', `accounts/${renamed.accountId}`, { displayName: 'New Name' });
  await reportPersonalData(world.deps);
  assert.equal(await nameOf(gone.tenantId, renamed.accountId), undefined);
});

test('a tenant whose token does not work does not keep the report from being made', async () => {
  const broken = await connectedTenant();
  await connectedTenant();
  await world.simulator('POST', 'grants/revoke', { accountId: broken.person.accountId });
  await world.deps.control
    .item('connection', broken.tenantId)
    .patch([{ op: 'set', path: '/grant/tokenExpiresAt', value: new Date(0).toISOString() }]);
  const secret = (await world.connection(broken.tenantId)).grant?.secretName ?? '';
  const { value = '' } = await world.deps.secrets.getSecret(secret);
  await world.deps.secrets.setSecret(
    secret,
    JSON.stringify({ ...JSON.parse(value), expiresAt: new Date(0).toISOString() }),
  );
  assert.equal(await reportPersonalData(world.otherProcess()), 2);
});

test('without any connected tenant nothing is reported, and the next look tries again', async () => {
  await storeName(newTenant(), '712020:x', 'Somebody');
  assert.equal(await reportPersonalData(world.deps), 0);
  await connectedTenant();
  assert.equal(await reportPersonalData(world.deps), 2);
});
