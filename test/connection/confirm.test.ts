import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { AtlassianError, type AtlassianErrorKind } from '../../shared/atlassian/errors.ts';
import { confirmReconnect } from '../../shared/connection/confirm.ts';
import { getAccessToken } from '../../shared/connection/tokens.ts';
import { connectionView } from '../../shared/connection/view.ts';
import { newTenant, type Person, startWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());
beforeEach(() => world.simulator('DELETE', 'faults'));

async function connected(): Promise<{ tenantId: string; person: Person; cloudId: string }> {
  const tenantId = newTenant();
  const person = await world.person();
  const { cloudId } = await world.site([person]);
  await world.connect(tenantId, person, [cloudId]);
  return { tenantId, person, cloudId };
}

const failure = (kind: AtlassianErrorKind) => new AtlassianError(kind, 'as the gateway threw it', { status: 400 });

test('lost product access is confirmed with a fresh token and shown with since when', async () => {
  const { tenantId, person, cloudId } = await connected();
  await world.simulator('PUT', 'access', { accountId: person.accountId, cloudId, confluence: false });
  assert.equal(await confirmReconnect(world.deps, tenantId, failure('access_lost')), 'access_lost');
  const { status, reason, statusSince } = await connectionView(world.deps, await world.connection(tenantId));
  assert.deepEqual([status, reason], ['reconnect_required', 'access_lost']);
  assert.ok(Math.abs(Date.parse(statusSince ?? '') - Date.now()) < 10_000);
});

test('product access that is back when asked again leaves the connection alone', async () => {
  const { tenantId } = await connected();
  assert.equal(await confirmReconnect(world.deps, tenantId, failure('access_lost')), undefined);
  const { grant } = await world.connection(tenantId);
  assert.equal(grant?.rotations, 2, 'it was asked with a token made after the failure');
  assert.equal((await world.connection(tenantId)).status, 'connected');
});

for (const kind of ['not_found', 'forbidden', 'token_rejected'] as const) {
  test(`${kind} means that the site is gone only when Atlassian no longer lists it`, async () => {
    const { tenantId, cloudId } = await connected();
    assert.equal(await confirmReconnect(world.deps, tenantId, failure(kind)), undefined);
    await world.simulator('DELETE', `sites/${cloudId}`);
    await world.simulator('POST', 'faults', {
      match: { path: 'accessible-resources' },
      answer: { status: 503 },
      count: 1,
    });
    assert.equal(await confirmReconnect(world.deps, tenantId, failure(kind)), undefined, 'an outage is a doubt');
    assert.equal((await world.connection(tenantId)).status, 'connected');
    assert.equal(await confirmReconnect(world.deps, tenantId, failure(kind)), 'site_gone');
    assert.equal((await world.connection(tenantId)).reason, 'site_gone');
  });
}

test('the app removed from one site only is a site that is gone', async () => {
  const { tenantId, person, cloudId } = await connected();
  await world.simulator('POST', 'grants/revoke', { accountId: person.accountId, cloudId });
  assert.equal(await confirmReconnect(world.deps, tenantId, failure('not_found')), 'site_gone');
});

test('a scope mismatch leads to reconnect only when the grant itself lacks a scope', async () => {
  const { tenantId } = await connected();
  assert.equal(await confirmReconnect(world.deps, tenantId, failure('scope_missing')), undefined);
  const wider = world.otherProcess({
    ATLASSIAN_SCOPES: `${world.deps.settings.ATLASSIAN_SCOPES.join(' ')} read:content.metadata:confluence`,
  });
  assert.equal(await confirmReconnect(wider, tenantId, failure('scope_missing')), 'scopes_missing');
  const { missingScopes } = await connectionView(wider, await world.connection(tenantId));
  assert.deepEqual(missingScopes, ['read:content.metadata:confluence']);
});

for (const kind of [
  'app_blocked',
  'bad_request',
  'gone',
  'throttled',
  'client_secret_invalid',
  'outage',
  'too_large',
  'malformed',
] as const) {
  test(`${kind} never changes the connection, and nobody is asked`, async () => {
    const { tenantId } = await connected();
    await world.simulator('DELETE', 'requests');
    assert.equal(await confirmReconnect(world.deps, tenantId, failure(kind)), undefined);
    assert.equal(await world.requests(''), 0);
    assert.equal((await world.connection(tenantId)).status, 'connected');
  });
}

test('a finding about a grant that was renewed meanwhile is void', async () => {
  const { tenantId, person, cloudId } = await connected();
  const other = world.otherProcess();
  // While Atlassian is asked about the old grant, the customer reconnects; its answer comes after that.
  const reconnectFirst = async () => {
    await world.connect(tenantId, person, [cloudId]);
    await world.simulator('POST', 'faults', {
      match: { path: 'accessible-resources' },
      answer: { status: 200, body: [] },
      count: 1,
    });
  };
  const atlassian = other.atlassian.compose((dispatch) => (options, handler) => {
    if (!options.path.endsWith('/accessible-resources')) return dispatch(options, handler);
    void reconnectFirst().then(() => dispatch(options, handler));
    return true;
  });
  const before = (await world.connection(tenantId)).grant?.secretName;
  assert.equal(await confirmReconnect({ ...other, atlassian }, tenantId, failure('not_found')), undefined);
  const { status, grant } = await world.connection(tenantId);
  assert.equal(status, 'connected');
  assert.notEqual(grant?.secretName, before);
  assert.ok(await getAccessToken(world.deps, tenantId));
});

test('an error that is not Atlassian’s says nothing about the connection', async () => {
  const { tenantId } = await connected();
  assert.equal(await confirmReconnect(world.deps, tenantId, new TypeError('a bug')), undefined);
});
