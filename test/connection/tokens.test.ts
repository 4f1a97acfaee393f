import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { disconnect } from '../../shared/connection/disconnect.ts';
import { connectionGateway } from '../../shared/connection/gateway.ts';
import { readConnection } from '../../shared/connection/record.ts';
import { tidyConnection } from '../../shared/connection/tidy.ts';
import { getAccessToken } from '../../shared/connection/tokens.ts';
import type { Deps } from '../../shared/platform/deps.ts';
import { SecretText } from '../../shared/platform/secret-text.ts';
import { eventually } from '../support/eventually.ts';
import { newTenant, type Person, startWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld({
    REFRESH_COOLDOWN_MIN_MS: '150',
    REFRESH_COOLDOWN_MAX_MS: '400',
    SECRET_ROTATIONS_MAX: '3',
  });
});
after(() => world.close());
beforeEach(async () => {
  await world.simulator('DELETE', 'faults');
  await world.vault('DELETE', 'faults');
});

async function connected(): Promise<{ tenantId: string; person: Person; cloudId: string }> {
  const tenantId = newTenant();
  const person = await world.person();
  const { cloudId } = await world.site([person]);
  await world.connect(tenantId, person, [cloudId]);
  await world.simulator('DELETE', 'requests');
  await world.vault('DELETE', 'stats');
  return { tenantId, person, cloudId };
}

const exchanges = () => world.requests('/oauth/token');

async function vaultReads(): Promise<number> {
  const { operations } = await world.vault<{ operations: Record<string, { requests: number }> }>('GET', 'stats');
  return operations.getSecret?.requests ?? 0;
}

/** A fresh process's token after the one it has was refused. */
async function refreshed(tenantId: string, deps = world.deps): Promise<SecretText> {
  return getAccessToken(deps, tenantId, { rejected: await getAccessToken(deps, tenantId) });
}

/** A client of the vault that tells of its calls first; the call waits for what `tell` does. */
function withCalls(
  secrets: Deps['secrets'],
  tell: (method: string, values: readonly unknown[]) => void | Promise<void>,
): Deps['secrets'] {
  return new Proxy(secrets, {
    get(client, name) {
      const member = Reflect.get(client, name) as unknown;
      if (typeof member !== 'function') return member;
      return (...values: unknown[]) => {
        const told = tell(String(name), values);
        return told ? told.then(() => member.apply(client, values)) : member.apply(client, values);
      };
    },
  });
}

test('a thousand calls at once read the vault once in a cold process, and not at all in a warm one', async () => {
  const { tenantId } = await connected();
  const deps = world.otherProcess();
  const thousand = () => Promise.all(Array.from({ length: 1000 }, () => getAccessToken(deps, tenantId)));
  const tokens = await thousand();
  assert.equal(await vaultReads(), 1);
  assert.ok(tokens.every((token) => token === tokens[0]));
  await thousand();
  assert.equal(await vaultReads(), 1);
  assert.equal(await exchanges(), 0);
});

test('a refused token is refreshed once for all who met the refusal, however fresh it seemed', async () => {
  const { tenantId } = await connected();
  const rejected = await getAccessToken(world.deps, tenantId);
  const tokens = await Promise.all(
    Array.from({ length: 50 }, () => getAccessToken(world.deps, tenantId, { rejected })),
  );
  assert.equal(await exchanges(), 1);
  assert.ok(tokens.every((token) => !SecretText.equal(token, rejected)));
  const late = await getAccessToken(world.otherProcess(), tenantId, { rejected });
  assert.ok(tokens[0] && SecretText.equal(late, tokens[0]), 'another process finds the new token in the vault');
  assert.equal(await exchanges(), 1);
});

test('an expired token is noticed by the 401: one refresh, one retry, and the call succeeds', async () => {
  const { tenantId } = await connected();
  const stored = await readConnection(world.deps, tenantId);
  assert.ok(stored);
  const gateway = connectionGateway(world.deps, stored);
  await gateway.get('/wiki/api/v2/spaces', { limit: 1 });
  await world.simulator('POST', 'tokens/expire');
  await gateway.get('/wiki/api/v2/spaces', { limit: 1 });
  assert.equal(await exchanges(), 1);
  assert.equal((await world.connection(tenantId)).status, 'connected');
});

test('a refresh stores the new tokens, disables the version before and records what it wrote', async () => {
  const { tenantId } = await connected();
  const before = (await world.connection(tenantId)).grant;
  await refreshed(tenantId);
  const after = (await world.connection(tenantId)).grant;
  assert.ok(before && after);
  assert.equal(after.rotations, 2);
  assert.equal(after.secretName, before.secretName);
  const enabled: boolean[] = [];
  for await (const version of world.deps.secrets.listPropertiesOfSecretVersions(after.secretName)) {
    enabled.push(version.enabled === true);
  }
  assert.deepEqual(enabled.sort(), [false, true]);
});

test('after the most rotations a secret gets a fresh name and the old one is purged', async () => {
  const { tenantId } = await connected();
  const first = (await world.connection(tenantId)).grant?.secretName ?? '';
  for (let rotation = 1; rotation <= 3; rotation += 1) await refreshed(tenantId);
  const { grant, secretsToErase, tidyAt } = await world.connection(tenantId);
  assert.notEqual(grant?.secretName, first);
  assert.equal(grant?.rotations, 1);
  assert.deepEqual(secretsToErase, [{ name: first }]);
  assert.ok(tidyAt);
  await tidyConnection(world.deps, tenantId);
  const { live, deleted } = await world.secrets();
  assert.ok(grant && live.includes(grant.secretName));
  assert.ok(![...live, ...deleted].includes(first));
  assert.ok(await refreshed(tenantId, world.otherProcess()));
});

test('a crash in the middle of moving to a fresh name is found by the next owner of the lease', async () => {
  const { tenantId } = await connected();
  for (let rotation = 1; rotation <= 2; rotation += 1) await refreshed(tenantId);
  const before = await world.connection(tenantId);
  // As a process leaves it that died right after writing the tokens under the fresh name.
  const { value = '' } = await world.deps.secrets.getSecret(before.grant?.secretName ?? '');
  const moved = JSON.stringify({ ...JSON.parse(value), expiresAt: new Date(Date.now() + 3_500_000).toISOString() });
  await world.deps.secrets.setSecret('confluence-moved', moved);
  await world.deps.control.item('connection', tenantId).patch([
    {
      op: 'set',
      path: '/refreshLease',
      value: { owner: 'dead', until: new Date(0).toISOString(), moveTo: 'confluence-moved' },
    },
  ]);
  await world.simulator('DELETE', 'requests');
  await getAccessToken(world.otherProcess(), tenantId);
  const { grant, secretsToErase, refreshLease } = await world.connection(tenantId);
  assert.deepEqual([grant?.secretName, grant?.rotations, refreshLease], ['confluence-moved', 1, undefined]);
  assert.deepEqual(secretsToErase, [{ name: before.grant?.secretName }]);
  assert.equal(await exchanges(), 0);
});

test('who meets a live lease waits for it within its own budget, also with a valid token, and then gives up', async () => {
  const { tenantId } = await connected();
  const until = new Date(Date.now() + 30_000).toISOString();
  await getAccessToken(world.deps, tenantId);
  await world.deps.control
    .item('connection', tenantId)
    .patch([{ op: 'set', path: '/refreshLease', value: { owner: 'another process', until } }]);
  const waiting = world.deps;
  await assert.rejects(getAccessToken(waiting, tenantId, { waitMs: 50 }), { kind: 'outage', transient: true });
  const patient = getAccessToken(waiting, tenantId);
  await world.deps.control.item('connection', tenantId).patch([{ op: 'remove', path: '/refreshLease' }]);
  assert.ok(await patient);
  assert.equal(await exchanges(), 0);
});

for (const answer of ['documented', 'measured'] as const) {
  test(`a revoked grant (answer as ${answer}) leads to reconnect_required, and keeps its secret`, async () => {
    const { tenantId, person } = await connected();
    await world.simulator('PATCH', 'switches', { tokens: { badRefreshAnswer: answer } });
    await world.simulator('POST', 'grants/revoke', { accountId: person.accountId });
    await assert.rejects(refreshed(tenantId), { code: 'reconnect_required', status: 409 });
    const { status, reason, grant, refreshLease, pendingEvents } = await world.connection(tenantId);
    assert.deepEqual([status, reason, refreshLease], ['reconnect_required', 'revoked', undefined]);
    assert.ok(grant && (await world.secrets()).live.includes(grant.secretName));
    assert.deepEqual(
      pendingEvents.map(({ type }) => type),
      ['confluence.connected', 'confluence.reconnect_required'],
    );
  });
}

test('a refused refresh token that another process has replaced meanwhile is not a revoked grant', async () => {
  const { tenantId } = await connected();
  const { secretName = '' } = (await world.connection(tenantId)).grant ?? {};
  const good = await world.deps.secrets.getSecret(secretName);
  const bad = JSON.stringify({ ...JSON.parse(good.value ?? ''), refreshToken: 'used up long ago' });
  await world.deps.secrets.setSecret(secretName, bad);
  // Between our exchange and our second look somebody else stores good tokens.
  const deps = world.otherProcess();
  const token = await getAccessToken(deps, tenantId);
  await world.simulator('POST', 'faults', {
    match: { path: '/oauth/token' },
    answer: { kind: 'slow', delayMs: 300 },
    count: 1,
  });
  const pending = getAccessToken(deps, tenantId, { rejected: token });
  await eventually(async () => assert.ok((await world.connection(tenantId)).refreshLease));
  await world.deps.secrets.setSecret(secretName, good.value ?? '');
  assert.ok(await pending);
  assert.equal((await world.connection(tenantId)).status, 'connected');
});

test('an outage of the token end point changes nothing, and the next attempts wait longer and longer', async () => {
  const { tenantId } = await connected();
  await world.simulator('POST', 'faults', { match: { path: '/oauth/token' }, answer: { status: 503 } });
  const rejected = await getAccessToken(world.deps, tenantId);
  const attempt = () => getAccessToken(world.deps, tenantId, { rejected, waitMs: 20 });
  await assert.rejects(getAccessToken(world.deps, tenantId, { rejected }), { kind: 'outage' });
  await assert.rejects(attempt(), { kind: 'outage' });
  assert.equal(await exchanges(), 1);
  const waits: number[] = [];
  for (let failures = 1; failures <= 3; failures += 1) {
    const { refreshFailures } = await world.connection(tenantId);
    assert.equal(refreshFailures?.count, failures);
    waits.push(Date.parse(refreshFailures?.notBefore ?? '') - Date.now());
    const early = getAccessToken(world.deps, tenantId, { rejected });
    await assert.rejects(early, { kind: 'outage' });
  }
  assert.ok((waits[1] ?? 0) > (waits[0] ?? 0));
  await world.simulator('DELETE', 'faults');
  await eventually(() => attempt());
  const { status, refreshFailures, refreshLease } = await world.connection(tenantId);
  assert.deepEqual([status, refreshFailures, refreshLease], ['connected', undefined, undefined]);
});

test('an answer that got lost may have used the token up: nobody goes on with the old one until it is made good', async () => {
  const { tenantId } = await connected();
  await world.simulator('POST', 'faults', { match: { path: '/oauth/token' }, answer: { kind: 'reset' }, count: 1 });
  const other = world.otherProcess();
  const old = await getAccessToken(other, tenantId);
  await assert.rejects(refreshed(tenantId), { kind: 'outage' });
  const { refreshLease, tidyAt } = await world.connection(tenantId);
  assert.ok(refreshLease && tidyAt && tidyAt <= refreshLease.until, 'the timer will see to it');
  const next = await getAccessToken(other, tenantId);
  assert.equal(SecretText.equal(old, next), false);
  assert.equal((await world.connection(tenantId)).refreshLease, undefined);
});

test('our own wrong client secret is an alarm for the operator and leaves the connection alone', async () => {
  const { tenantId } = await connected();
  const wrong = world.otherProcess({ ATLASSIAN_CLIENT_SECRET: 'wrong' });
  await assert.rejects(refreshed(tenantId, wrong), { kind: 'client_secret_invalid' });
  const { status, refreshLease } = await world.connection(tenantId);
  assert.deepEqual([status, refreshLease], ['connected', undefined]);
  assert.ok(
    world.logs.some((line) => line.includes('"level":"error"') && line.includes('atlassian_client_secret_invalid')),
  );
});

test('throttling of the token end point is honoured', async () => {
  const { tenantId } = await connected();
  await world.simulator('POST', 'faults', {
    match: { path: '/oauth/token' },
    answer: { status: 429, retryAfter: 40 },
    count: 1,
  });
  await assert.rejects(refreshed(tenantId), { kind: 'throttled' });
  const { refreshFailures, status } = await world.connection(tenantId);
  assert.ok(Date.parse(refreshFailures?.notBefore ?? '') > Date.now() + 30_000);
  assert.equal(status, 'connected');
});

test('the vault failing after the exchange loses nothing: the tokens are stored as soon as it works again', async () => {
  const { tenantId } = await connected();
  const deps = world.otherProcess();
  const old = await getAccessToken(deps, tenantId);
  // A failure that the client does not retry by itself.
  await world.vault('POST', 'faults', { status: 403, match: 'setSecret', count: 3 });
  const token = await getAccessToken(deps, tenantId, { rejected: old });
  assert.equal(SecretText.equal(token, old), false);
  assert.equal(await exchanges(), 1);
  assert.ok(world.logs.some((line) => line.includes('tokens_not_stored')));
  assert.ok(SecretText.equal(await getAccessToken(world.otherProcess(), tenantId), token));
});

test('a vault that does not answer is trouble that passes: nothing changes, and the next call gets the token', async () => {
  const { tenantId } = await connected();
  // A failure that the client does not retry by itself.
  await world.vault('POST', 'faults', { status: 403, match: 'getSecret', count: 1 });
  const deps = world.otherProcess();
  await assert.rejects(getAccessToken(deps, tenantId), { name: 'AtlassianError', kind: 'outage' });
  assert.equal((await world.connection(tenantId)).status, 'connected');
  await getAccessToken(deps, tenantId);
  assert.equal(await exchanges(), 0);
});

test('a disconnect in mid-refresh wins: the new tokens are stored nowhere', async () => {
  const { tenantId } = await connected();
  await world.simulator('POST', 'faults', {
    match: { path: '/oauth/token' },
    answer: { kind: 'slow', delayMs: 400 },
    count: 1,
  });
  const pending = refreshed(tenantId, world.otherProcess());
  const refused = assert.rejects(pending, { code: 'not_connected' });
  await eventually(async () => assert.ok((await world.connection(tenantId)).refreshLease));
  const { secretName = '' } = (await world.connection(tenantId)).grant ?? {};
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  await tidyConnection(world.deps, tenantId);
  await refused;
  const { live, deleted } = await world.secrets();
  assert.ok(![...live, ...deleted].includes(secretName));
});

test('a process whose lease ran out while the vault was slow does not exchange behind its successor’s back', async () => {
  const { tenantId } = await connected();
  const other = world.otherProcess();
  const rejected = await getAccessToken(other, tenantId);
  const connection = world.deps.control.item('connection', tenantId);
  const successor = { owner: 'successor', until: new Date(Date.now() + 60_000).toISOString() };
  let reads = 0;
  const secrets = withCalls(other.secrets, async (method) => {
    // The first read shows that the token has to be refreshed; the second is the one under the lease.
    if (method === 'getSecret') reads += 1;
    if (reads === 2) await connection.patch([{ op: 'set', path: '/refreshLease', value: successor }]);
  });
  const slow = { ...other, secrets };
  await assert.rejects(getAccessToken(slow, tenantId, { rejected, waitMs: 500 }), { kind: 'outage' });
  assert.equal(reads, 2);
  assert.equal(await exchanges(), 0);
  assert.deepEqual((await world.connection(tenantId)).refreshLease, successor);
  await connection.patch([{ op: 'remove', path: '/refreshLease' }]);
});

test('every call to the vault has a time limit, so that a dead connection cannot hold up the token for good', async () => {
  const { tenantId } = await connected();
  const other = world.otherProcess();
  const unlimited: string[] = [];
  const methods = new Set<string>();
  const secrets = withCalls(other.secrets, (method, values) => {
    methods.add(method);
    const { abortSignal } = (values.at(-1) ?? {}) as { abortSignal?: unknown };
    if (!(abortSignal instanceof AbortSignal)) unlimited.push(method);
  });
  const deps = { ...other, secrets };
  await refreshed(tenantId, deps);
  await disconnect(deps, tenantId, { eraseIndex: false });
  await tidyConnection(deps, tenantId);
  assert.deepEqual([...methods].sort(), [
    'beginDeleteSecret',
    'getSecret',
    'listPropertiesOfSecretVersions',
    'purgeDeletedSecret',
    'setSecret',
    'updateSecretProperties',
  ]);
  assert.deepEqual(unlimited, []);
});

test('a client that is first used a while after it was made looks whether the connection still stands', async (t) => {
  const { tenantId } = await connected();
  await getAccessToken(world.deps, tenantId);
  const stored = await readConnection(world.deps, tenantId);
  assert.ok(stored);
  const gateway = connectionGateway(world.deps, stored);
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  const now = performance.now();
  t.mock.method(performance, 'now', () => now + 2_000);
  await world.simulator('DELETE', 'requests');
  await assert.rejects(gateway.get('/wiki/api/v2/spaces', { limit: 1 }), { code: 'not_connected' });
  assert.equal(await world.requests('/ex/confluence/'), 0);
});

test('a secret that vanished from the vault asks the customer to reconnect and alarms the operator', async () => {
  const { tenantId } = await connected();
  const { secretName = '' } = (await world.connection(tenantId)).grant ?? {};
  await (await world.deps.secrets.beginDeleteSecret(secretName)).pollUntilDone();
  await assert.rejects(getAccessToken(world.otherProcess(), tenantId), { code: 'reconnect_required' });
  assert.ok(world.logs.some((line) => line.includes('tokens_missing_in_vault')));
});

test('a secret that cannot be read is lost as well, and nothing of it is quoted', async () => {
  const { tenantId } = await connected();
  const { secretName = '' } = (await world.connection(tenantId)).grant ?? {};
  await world.deps.secrets.setSecret(secretName, 'half-a-token-and-no-json');
  await assert.rejects(getAccessToken(world.otherProcess(), tenantId), { code: 'reconnect_required' });
  assert.ok(!world.logs.some((line) => line.includes('half-a-token')));
});

test('Atlassian refusing one fresh token after another does not make us refresh for every call', async () => {
  const { tenantId } = await connected();
  await world.simulator('POST', 'faults', {
    match: { path: '/ex/confluence/' },
    answer: { status: 401, body: { code: 401, message: 'Unauthorized' } },
  });
  const stored = await readConnection(world.deps, tenantId);
  assert.ok(stored);
  const gateway = connectionGateway(world.deps, stored);
  for (let call = 1; call <= 20; call += 1) {
    await assert.rejects(gateway.get('/wiki/api/v2/spaces'), { kind: 'token_rejected' });
  }
  assert.equal(await exchanges(), 10);
  assert.equal((await world.connection(tenantId)).status, 'connected');
});
