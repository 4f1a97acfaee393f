import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTidyAt } from '../../shared/connection/due.ts';
import { type Connection, type ConnectionStatus, type Grant, newConnection } from '../../shared/connection/record.ts';
import {
  consent,
  type Outcome,
  step,
  type Trigger,
  type TriggerKind,
  transitions,
} from '../../shared/connection/state-machine.ts';
import { readSettings } from '../../shared/platform/settings.ts';

const settings = readSettings({
  ATLASSIAN_CLIENT_ID: 'id',
  ATLASSIAN_CLIENT_SECRET: 'secret',
  PUBLIC_URL: 'https://app.example',
  DASHBOARD_ORIGIN: 'https://dashboard.example',
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_AUDIENCE: 'api',
  COSMOS_ENDPOINT: 'https://cosmos.example',
  KEY_VAULT_URL: 'https://vault.example',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
});
const now = new Date('2026-06-01T12:00:00.000Z');
const earlier = '2026-05-01T00:00:00.000Z';

const site = (cloudId: string) => ({ cloudId, name: `Site ${cloudId}`, url: `https://${cloudId}.example` });
const [home, other, third] = [site('home'), site('other'), site('third')];

function grant(secretName: string, scopes: readonly string[] = settings.ATLASSIAN_SCOPES): Grant {
  return { secretName, accountId: 'a', scopes, grantedAt: earlier, tokenExpiresAt: earlier, rotations: 1 };
}

const base = { ...newConnection('t', new Date(earlier)), excludedKeys: ['HR'] };
const synced = {
  watermark: earlier,
  passes: { ids: { dueAt: earlier } },
  totals: { spaces: 1, pages: 2, attachments: 3 },
};

/** One connection in each status, as it may be found. */
const found: Record<ConnectionStatus, Connection> = {
  disconnected: { ...base, status: 'disconnected', site: home, disconnectedAt: earlier, ...synced },
  choosing_site: { ...base, status: 'choosing_site', grant: grant('old'), sites: [home, other] },
  connected: {
    ...base,
    status: 'connected',
    site: home,
    sites: [home, other],
    grant: grant('old'),
    nextSyncAt: earlier,
    activeRunId: 'run-1',
    ...synced,
  },
  reconnect_required: {
    ...base,
    status: 'reconnect_required',
    reason: 'revoked',
    site: home,
    sites: [home, other],
    grant: grant('old'),
    ...synced,
  },
};
const pending = { grant: grant('waiting'), sites: [other, third], expiresAt: '2026-06-02T00:00:00.000Z' };

const triggers: { readonly [K in TriggerKind]: Extract<Trigger, { kind: K }> } = {
  'consent-one-site': { kind: 'consent-one-site', grant: grant('new'), site: other, sites: [other] },
  'consent-several-sites': { kind: 'consent-several-sites', grant: grant('new'), sites: [other, third] },
  'consent-with-site': { kind: 'consent-with-site', grant: grant('new'), site: home, sites: [home, third] },
  'consent-without-site': { kind: 'consent-without-site', grant: grant('new'), sites: [other] },
  'pick-site': { kind: 'pick-site', site: other },
  'pick-pending-site': { kind: 'pick-pending-site', site: other },
  'require-reconnect': { kind: 'require-reconnect', reason: 'access_lost' },
  disconnect: { kind: 'disconnect', eraseIndex: false },
  'drop-pending': { kind: 'drop-pending' },
  'erase-index': { kind: 'erase-index' },
};

/** What is to come of each cell: the status afterwards, `same` for no change, `never` for what cannot be asked. */
const expected: Record<ConnectionStatus, Record<TriggerKind, ConnectionStatus | 'same' | 'never'>> = {
  disconnected: {
    'consent-one-site': 'connected',
    'consent-several-sites': 'choosing_site',
    'consent-with-site': 'never',
    'consent-without-site': 'never',
    'pick-site': 'same',
    'pick-pending-site': 'same',
    'require-reconnect': 'same',
    disconnect: 'same',
    'drop-pending': 'same',
    'erase-index': 'disconnected',
  },
  choosing_site: {
    'consent-one-site': 'connected',
    'consent-several-sites': 'choosing_site',
    'consent-with-site': 'never',
    'consent-without-site': 'never',
    'pick-site': 'connected',
    'pick-pending-site': 'same',
    'require-reconnect': 'same',
    disconnect: 'disconnected',
    'drop-pending': 'same',
    'erase-index': 'same',
  },
  connected: {
    'consent-one-site': 'never',
    'consent-several-sites': 'never',
    'consent-with-site': 'connected',
    'consent-without-site': 'connected',
    'pick-site': 'connected',
    'pick-pending-site': 'same',
    'require-reconnect': 'reconnect_required',
    disconnect: 'disconnected',
    'drop-pending': 'same',
    'erase-index': 'same',
  },
  reconnect_required: {
    'consent-one-site': 'never',
    'consent-several-sites': 'never',
    'consent-with-site': 'connected',
    'consent-without-site': 'reconnect_required',
    'pick-site': 'same',
    'pick-pending-site': 'same',
    'require-reconnect': 'reconnect_required',
    disconnect: 'disconnected',
    'drop-pending': 'same',
    'erase-index': 'same',
  },
};

const run = (connection: Connection, trigger: Trigger) => step(connection, trigger, { settings, now });

/** The outcome, when there must be one. */
function outcome(connection: Connection, trigger: Trigger): Outcome {
  const result = run(connection, trigger);
  assert.ok(result, `${trigger.kind} was to change something`);
  return result;
}

const eventTypes = ({ connection }: Outcome) => connection.pendingEvents.map(({ type }) => type);
const toErase = ({ connection }: Outcome) => (connection.secretsToErase ?? []).map(({ name }) => name);

for (const status of Object.keys(transitions) as ConnectionStatus[]) {
  for (const kind of Object.keys(transitions[status]) as TriggerKind[]) {
    const goal = expected[status][kind];
    test(`${kind} while ${status}: ${goal}`, () => {
      if (goal === 'never') {
        assert.throws(() => run(found[status], triggers[kind]), /cannot happen/);
        return;
      }
      const result = run(found[status], triggers[kind]);
      assert.equal(result?.connection.status ?? 'same', goal);
    });
  }
}

test('the kinds of consent follow from the present site, which counts only while there is a connection', () => {
  const kinds = (status: ConnectionStatus) => [
    consent(found[status], grant('new'), [home]).kind,
    consent(found[status], grant('new'), [other, home]).kind,
    consent(found[status], grant('new'), [other]).kind,
    consent(found[status], grant('new'), [other, third]).kind,
  ];
  for (const status of ['connected', 'reconnect_required'] as const) {
    assert.deepEqual(kinds(status), [
      'consent-with-site',
      'consent-with-site',
      'consent-without-site',
      'consent-without-site',
    ]);
  }
  for (const status of ['disconnected', 'choosing_site'] as const) {
    assert.deepEqual(kinds(status), [
      'consent-one-site',
      'consent-several-sites',
      'consent-one-site',
      'consent-several-sites',
    ]);
  }
});

test('reconnecting to the same site keeps the index and what is known about it, and erases the former tokens', () => {
  const result = outcome(found.reconnect_required, triggers['consent-with-site']);
  assert.deepEqual(
    { watermark: result.connection.watermark, totals: result.connection.totals, keys: result.connection.excludedKeys },
    { watermark: earlier, totals: synced.totals, keys: ['HR'] },
  );
  assert.deepEqual(result.connection.indexesToErase, []);
  assert.deepEqual(toErase(result), ['old']);
  assert.equal(result.run, 'start');
  assert.equal(result.connection.reason, undefined);
  assert.equal(result.connection.nextSyncAt, '2026-06-01T12:15:00.000Z');
  assert.deepEqual(eventTypes(result), ['confluence.connected']);
});

test('renewing the consent of a working connection is no news', () => {
  const result = outcome(found.connected, triggers['consent-with-site']);
  assert.deepEqual(eventTypes(result), []);
  assert.equal(result.connection.statusSince, earlier);
  assert.equal(result.connection.grant?.secretName, 'new');
});

test('a consent that lacks the site leaves the connection as it is and waits a day for a choice', () => {
  for (const status of ['connected', 'reconnect_required'] as const) {
    const result = outcome(found[status], triggers['consent-without-site']);
    assert.equal(result.connection.status, status);
    assert.equal(result.connection.reason, found[status].reason);
    assert.equal(result.connection.grant?.secretName, 'old');
    assert.deepEqual(result.connection.pending?.sites, [other]);
    assert.equal(result.connection.pending?.expiresAt, '2026-06-02T12:00:00.000Z');
    assert.equal(result.connection.tidyAt, '2026-06-02T12:00:00.000Z');
    assert.equal(result.run, 'keep');
  }
});

test('a second waiting consent takes the place of the first, whose tokens are erased', () => {
  const result = outcome({ ...found.connected, pending }, triggers['consent-without-site']);
  assert.equal(result.connection.pending?.grant.secretName, 'new');
  assert.deepEqual(toErase(result), ['waiting']);
});

test('a consent that has the site settles the one that waited without it', () => {
  const result = outcome({ ...found.connected, pending }, triggers['consent-with-site']);
  assert.equal(result.connection.pending, undefined);
  assert.deepEqual(toErase(result), ['waiting', 'old']);
});

test('a new site begins anew: the old index is handed over for deletion and its schedule is forgotten', () => {
  const cases: [Connection, Trigger][] = [
    [found.connected, triggers['pick-site']],
    [{ ...found.connected, pending }, triggers['pick-pending-site']],
    [{ ...found.reconnect_required, pending }, triggers['pick-pending-site']],
    [found.disconnected, triggers['consent-one-site']],
  ];
  for (const [connection, trigger] of cases) {
    const result = outcome(connection, trigger);
    assert.equal(result.connection.status, 'connected');
    assert.equal(result.connection.site?.cloudId, 'other');
    assert.deepEqual(result.connection.indexesToErase, ['home']);
    assert.equal(result.connection.watermark, undefined);
    assert.equal(result.connection.totals, undefined);
    assert.deepEqual(result.connection.passes, {});
    assert.deepEqual(result.connection.excludedKeys, []);
    assert.equal(result.connection.disconnectedAt, undefined);
    assert.equal(result.connection.pending, undefined);
    assert.equal(result.run, 'start');
    assert.deepEqual(eventTypes(result), ['confluence.connected']);
  }
});

test('picking out of the waiting consent takes its grant and its sites', () => {
  const result = outcome({ ...found.connected, pending }, triggers['pick-pending-site']);
  assert.equal(result.connection.grant?.secretName, 'waiting');
  assert.deepEqual(result.connection.sites, pending.sites);
  assert.deepEqual(toErase(result), ['old']);
});

test('going back to a site before its index was handed over keeps that index from deletion', () => {
  const away = outcome(found.connected, triggers['pick-site']).connection;
  const back = outcome(away, { kind: 'pick-site', site: home });
  assert.deepEqual(back.connection.indexesToErase, ['other']);
  assert.equal(back.connection.watermark, undefined);
});

test('the present site of a working connection is no choice', () => {
  assert.equal(run(found.connected, { kind: 'pick-site', site: home }), undefined);
});

test('a grant that lives on may be moved to another site, a revoked one may not', () => {
  const picked = (reason: Connection['reason']) =>
    run({ ...found.reconnect_required, ...(reason ? { reason } : {}) }, triggers['pick-site'])?.connection.status;
  assert.equal(picked('site_gone'), 'connected');
  assert.equal(picked('access_lost'), 'connected');
  assert.equal(picked('revoked'), undefined);
  assert.equal(picked('scopes_missing'), undefined);
});

test('a grant without a needed scope leads to reconnect_required at once, with no run', () => {
  const lacking = grant(
    'new',
    settings.ATLASSIAN_SCOPES.filter((scope) => scope !== 'read:page:confluence'),
  );
  const result = outcome(found.disconnected, { ...triggers['consent-one-site'], grant: lacking });
  assert.equal(result.connection.status, 'reconnect_required');
  assert.equal(result.connection.reason, 'scopes_missing');
  assert.equal(result.connection.nextSyncAt, undefined);
  assert.equal(result.run, 'cancel');
  assert.deepEqual(eventTypes(result), ['confluence.reconnect_required']);
});

test('losing access stops the sync and its run, says since when and why, and tells the dashboard once', () => {
  const result = outcome(found.connected, triggers['require-reconnect']);
  assert.equal(result.connection.reason, 'access_lost');
  assert.equal(result.connection.statusSince, now.toISOString());
  assert.equal(result.connection.nextSyncAt, undefined);
  assert.equal(result.run, 'cancel');
  assert.equal(result.connection.grant?.secretName, 'old', 'a lost grant keeps its secret until it is replaced');
  assert.deepEqual(eventTypes(result), ['confluence.reconnect_required']);
  assert.equal(run(result.connection, triggers['require-reconnect']), undefined);
});

test('disconnecting drops both grants and the run, and keeps the index for its retention', () => {
  const result = outcome({ ...found.connected, pending }, triggers.disconnect);
  assert.equal(result.run, 'cancel');
  assert.equal(result.connection.grant, undefined);
  assert.equal(result.connection.pending, undefined);
  assert.equal(result.connection.nextSyncAt, undefined);
  assert.deepEqual(toErase(result), ['old', 'waiting']);
  assert.equal(result.connection.site?.cloudId, 'home');
  assert.equal(result.connection.watermark, earlier);
  assert.equal(result.connection.disconnectedAt, now.toISOString());
  assert.deepEqual(eventTypes(result), ['confluence.disconnected']);
});

test('disconnecting with the index deletes it at once, also later', () => {
  const at = outcome(found.connected, { kind: 'disconnect', eraseIndex: true });
  assert.deepEqual(at.connection.indexesToErase, ['home']);
  assert.equal(at.connection.site, undefined);
  const later = outcome(found.disconnected, { kind: 'disconnect', eraseIndex: true });
  assert.deepEqual(later.connection.indexesToErase, ['home']);
  assert.deepEqual(eventTypes(later), []);
});

test('a refresh under way when its grant goes is watched: what it may still write is erased once more', () => {
  const refreshLease = { owner: 'p', until: '2026-06-01T12:00:50.000Z', moveTo: 'moved' };
  for (const trigger of [triggers.disconnect, triggers['consent-with-site']]) {
    const result = outcome({ ...found.connected, refreshLease }, trigger);
    assert.equal(result.connection.refreshLease, undefined);
    assert.deepEqual(result.connection.secretsToErase, [
      { name: 'old', watchUntil: '2026-06-01T12:01:50.000Z' },
      { name: 'moved', watchUntil: '2026-06-01T12:01:50.000Z' },
    ]);
  }
});

test('a refresh under way goes on when access is lost, because the grant may serve another site', () => {
  const refreshLease = { owner: 'p', until: '2026-06-01T12:00:50.000Z' };
  const lost = outcome({ ...found.connected, refreshLease }, triggers['require-reconnect']);
  assert.deepEqual(lost.connection.refreshLease, refreshLease);
  const revoked = outcome({ ...found.connected, refreshLease }, { kind: 'require-reconnect', reason: 'revoked' });
  assert.equal(revoked.connection.refreshLease, undefined);
});

test('the index of a disconnected tenant is due for deletion after its retention, also while a new consent waits', () => {
  const quiet = { ...found.disconnected, disconnectedAt: now.toISOString() };
  assert.equal(nextTidyAt(quiet, settings, now), '2026-07-01T12:00:00.000Z');
  const later = { settings, now: new Date('2026-06-11T12:00:00.000Z') };
  const choosing = step(quiet, triggers['consent-several-sites'], later)?.connection;
  assert.equal(choosing?.tidyAt, '2026-07-01T12:00:00.000Z');
  assert.equal(outcome(found.disconnected, triggers['erase-index']).connection.site, undefined);
});
