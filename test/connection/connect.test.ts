import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { handleCallback } from '../../shared/connection/callback.ts';
import { chooseSite } from '../../shared/connection/choose-site.ts';
import { completeConnect } from '../../shared/connection/complete.ts';
import { startConnect } from '../../shared/connection/connect.ts';
import { disconnect } from '../../shared/connection/disconnect.ts';
import { tidyConnection } from '../../shared/connection/tidy.ts';
import { getAccessToken } from '../../shared/connection/tokens.ts';
import { unclaimedGrantId } from '../../shared/connection/unclaimed-grant.ts';
import { connectionView } from '../../shared/connection/view.ts';
import { readItem } from '../../shared/platform/items.ts';
import type { Run } from '../../shared/sync/run.ts';
import { callbackQuery, newTenant, startWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

const view = async (tenantId: string) => connectionView(world.deps, await world.connection(tenantId));

async function activeRun(tenantId: string): Promise<Run | undefined> {
  const { activeRunId } = await world.connection(tenantId);
  return activeRunId ? (await readItem<Run>(world.deps.control, tenantId, `run:${activeRunId}`))?.item : undefined;
}

/** Messages of this tenant only: the tests of this file share the queues. */
async function messagesOf(tenantId: string, queue: 'confluence-sync' | 'confluence-sync-now' | 'confluence-events') {
  const messages = await world.messages(queue);
  return messages.filter((message) => message.tenantId === tenantId || message.subject === tenantId);
}

test('a tenant that was never connected is disconnected and nothing else', async () => {
  assert.deepEqual(await connectionView(world.deps, undefined), { status: 'disconnected' });
});

test('one site: connected, with its account and consent, and the first full run queued in the same batch', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  await world.connect(tenantId, person, [site.cloudId]);
  const connection = await world.connection(tenantId);
  const { account, ...shown } = await view(tenantId);
  assert.deepEqual(shown, { status: 'connected', statusSince: connection.statusSince, site, sites: [site] });
  assert.deepEqual(account, { accountId: person.accountId, name: person.name, grantedAt: connection.grant?.grantedAt });
  const run = await activeRun(tenantId);
  assert.deepEqual([run?.mode, run?.trigger, run?.state, run?.cloudId], ['full', 'connect', 'queued', site.cloudId]);
  assert.ok(Date.parse(connection.nextSyncAt ?? '') > Date.now());
  const messages = await messagesOf(tenantId, 'confluence-sync-now');
  assert.deepEqual(
    messages.map(({ kind }) => kind),
    ['run', 'tidy-connection'],
  );
  assert.equal(messages[0]?.runId, run?.runId);
});

test('a site with Jira and Confluence is one site, a site with Jira only is none', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const both = await world.site([person], { jira: true });
  const jiraOnly = await world.site([person], { jira: true, confluence: false });
  const connection = await world.connect(tenantId, person, [both.cloudId, jiraOnly.cloudId]);
  assert.equal(connection.status, 'connected');
  assert.deepEqual(connection.sites, [both]);
});

test('several sites: nothing runs until one is picked, and only a listed one can be', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const [first, second] = [await world.site([person]), await world.site([person])];
  const foreign = await world.site([await world.person()]);
  await world.connect(tenantId, person, [first.cloudId, second.cloudId]);
  const before = await view(tenantId);
  assert.equal(before.status, 'choosing_site');
  assert.equal(before.site, undefined);
  assert.deepEqual(before.sites?.map(({ cloudId }) => cloudId).sort(), [first.cloudId, second.cloudId].sort());
  assert.equal(await activeRun(tenantId), undefined);
  await assert.rejects(getAccessToken(world.deps, tenantId), { code: 'not_connected' });
  await assert.rejects(chooseSite(world.deps, tenantId, foreign.cloudId), { code: 'site_not_available' });
  await chooseSite(world.deps, tenantId, second.cloudId);
  const after = await view(tenantId);
  assert.deepEqual([after.status, after.site], ['connected', second]);
  assert.equal((await activeRun(tenantId))?.cloudId, second.cloudId);
});

test('no Confluence site: nothing is kept and nothing changes', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person], { jira: true, confluence: false });
  const before = await world.secrets();
  const { authorizeUrl } = await startConnect(world.deps, tenantId);
  const query = await world.consent(authorizeUrl, person, [site.cloudId]);
  const outcome = await handleCallback(world.deps, callbackQuery(query));
  assert.deepEqual(outcome, {
    status: 'no_confluence_site',
    account: { accountId: person.accountId, name: person.name },
  });
  assert.deepEqual(await world.secrets(), before);
  await assert.rejects(world.connection(tenantId));
});

test('refusing at Atlassian leaves a working connection as it was', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  await world.connect(tenantId, person, [site.cloudId]);
  const before = await world.connection(tenantId);
  const { authorizeUrl } = await startConnect(world.deps, tenantId);
  const query = await world.consent(authorizeUrl, person, [site.cloudId], false);
  assert.deepEqual(await handleCallback(world.deps, callbackQuery(query)), { status: 'denied' });
  assert.deepEqual(await world.connection(tenantId), before);
  assert.ok(await getAccessToken(world.deps, tenantId));
});

test('a code that Atlassian refuses fails the attempt and leaves nothing behind', async () => {
  const tenantId = newTenant();
  const before = await world.secrets();
  const { authorizeUrl } = await startConnect(world.deps, tenantId);
  const state = new URL(authorizeUrl).searchParams.get('state');
  const outcome = await handleCallback(world.deps, { state, code: 'invented', error: null });
  assert.deepEqual(outcome, { status: 'failed' });
  assert.deepEqual(await world.secrets(), before);
});

test('a hiccup of Atlassian while it lists the sites does not cost the consent', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  await world.simulator('POST', 'faults', {
    match: { path: 'accessible-resources' },
    answer: { status: 503 },
    count: 2,
  });
  assert.equal((await world.connect(tenantId, person, [site.cloudId])).status, 'connected');
});

test('reconnecting to the same site keeps its index and erases the former tokens', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const first = await world.connect(tenantId, person, [site.cloudId]);
  await world.deps.control
    .item('connection', tenantId)
    .patch([{ op: 'add', path: '/watermark', value: '2026-01-01T00:00:00.000Z' }]);
  const second = await world.connect(tenantId, person, [site.cloudId]);
  assert.equal(second.watermark, '2026-01-01T00:00:00.000Z');
  assert.deepEqual(second.indexesToErase, []);
  assert.equal(second.activeRunId, first.activeRunId, 'the full run of a connection that works goes on');
  await tidyConnection(world.deps, tenantId);
  const { live, deleted } = await world.secrets();
  assert.ok(second.grant && live.includes(second.grant.secretName));
  assert.ok(first.grant && ![...live, ...deleted].includes(first.grant.secretName));
  assert.ok(await getAccessToken(world.deps, tenantId));
});

test('reconnecting without the former site asks; until then the old connection goes on', async () => {
  const tenantId = newTenant();
  const [person, colleague] = [await world.person(), await world.person()];
  const site = await world.site([person]);
  const other = await world.site([colleague]);
  await world.connect(tenantId, person, [site.cloudId]);
  const former = await activeRun(tenantId);
  await world.connect(tenantId, colleague, [other.cloudId]);
  const waiting = await view(tenantId);
  assert.deepEqual([waiting.status, waiting.site, waiting.pending?.sites], ['connected', site, [other]]);
  assert.equal(waiting.account?.accountId, person.accountId);
  assert.ok(await getAccessToken(world.deps, tenantId));
  await assert.rejects(chooseSite(world.deps, tenantId, site.cloudId), { code: 'site_not_available' });
  await messagesOf(tenantId, 'confluence-sync');

  const { grant: oldGrant } = await world.connection(tenantId);
  await chooseSite(world.deps, tenantId, other.cloudId);
  const after = await view(tenantId);
  assert.deepEqual([after.status, after.site, after.pending], ['connected', other, undefined]);
  assert.equal(after.account?.accountId, colleague.accountId);
  const canceled = await readItem<Run>(world.deps.control, tenantId, `run:${former?.runId}`);
  assert.equal(canceled?.item.state, 'canceled');
  await tidyConnection(world.deps, tenantId);
  const erasures = (await messagesOf(tenantId, 'confluence-sync')).filter(({ kind }) => kind === 'erase-index');
  assert.deepEqual(erasures, [{ kind: 'erase-index', tenantId, cloudId: site.cloudId }]);
  const { live } = await world.secrets();
  assert.ok(oldGrant && !live.includes(oldGrant.secretName));
  assert.ok(await getAccessToken(world.deps, tenantId));
});

test('a choice that nobody makes lapses after a day: the waiting tokens are erased, the connection goes on', async () => {
  const tenantId = newTenant();
  const [person, colleague] = [await world.person(), await world.person()];
  const [site, other] = [await world.site([person]), await world.site([colleague])];
  await world.connect(tenantId, person, [site.cloudId]);
  await world.connect(tenantId, colleague, [other.cloudId]);
  const waiting = (await world.connection(tenantId)).pending?.grant.secretName ?? '';
  const tomorrow = { ...world.deps, now: () => new Date(Date.now() + 25 * 3_600_000) };
  await assert.rejects(chooseSite(tomorrow, tenantId, other.cloudId), { code: 'site_not_available' });
  await tidyConnection(tomorrow, tenantId);
  assert.deepEqual([(await view(tenantId)).status, (await view(tenantId)).pending], ['connected', undefined]);
  assert.ok(!(await world.secrets()).live.includes(waiting));
});

test('two dashboards at once: both consents can be claimed, the later one counts, and no secret is left behind', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const [a, b] = [
    await world.grant(tenantId, person, [site.cloudId]),
    await world.grant(tenantId, person, [site.cloudId]),
  ];
  const before = (await world.secrets()).live.length;
  const results = await Promise.all([a, b].map((completion) => completeConnect(world.deps, tenantId, completion)));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['connected', 'connected'],
  );
  await tidyConnection(world.deps, tenantId);
  const { live } = await world.secrets();
  assert.equal(live.length, before - 1);
  assert.ok(await getAccessToken(world.otherProcess(), tenantId));
});

test('the same completion sent twice at once connects once', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const completion = await world.grant(tenantId, person, [site.cloudId]);
  const results = await Promise.allSettled([1, 2].map(() => completeConnect(world.deps, tenantId, completion)));
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

type Item = ReturnType<World['deps']['control']['item']>;

for (const [what, purge] of [
  ['marked for erasing', (item: Item) => item.patch([{ op: 'set', path: '/lapsed', value: true }])],
  ['deleted', (item: Item) => item.delete()],
] as const) {
  test(`a grant that is ${what} at the very moment of its claim is refused like any that has lapsed`, async () => {
    const tenantId = newTenant();
    const person = await world.person();
    const site = await world.site([person]);
    await world.connect(tenantId, person, [site.cloudId]);
    const before = await world.connection(tenantId);
    const completion = await world.grant(tenantId, person, [site.cloudId]);
    const items = new Proxy(world.deps.control.items, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        return async (...values: unknown[]) => {
          if (name === 'batch') await purge(world.deps.control.item(unclaimedGrantId(completion), tenantId));
          return member.apply(target, values);
        };
      },
    });
    const control = new Proxy(world.deps.control, {
      get: (container, name) => (name === 'items' ? items : Reflect.get(container, name)),
    });
    await assert.rejects(completeConnect({ ...world.deps, control }, tenantId, completion), {
      code: 'completion_invalid',
    });
    assert.deepEqual(await world.connection(tenantId), before);
  });
}

test('missing scopes are named at once, and lead to reconnect_required before any sync fails', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const { scopes } = await world.simulator<{ scopes: string[] }>('GET', 'app');
  await world.simulator('PATCH', 'app', { scopes: scopes.filter((scope) => scope !== 'read:page:confluence') });
  try {
    await world.connect(tenantId, person, [site.cloudId]);
  } finally {
    await world.simulator('PATCH', 'app', { scopes });
  }
  const shown = await view(tenantId);
  assert.deepEqual(
    [shown.status, shown.reason, shown.missingScopes],
    ['reconnect_required', 'scopes_missing', ['read:page:confluence']],
  );
  assert.equal(await activeRun(tenantId), undefined);
  await assert.rejects(chooseSite(world.deps, tenantId, site.cloudId), { code: 'reconnect_required' });
  const again = await world.connect(tenantId, person, [site.cloudId]);
  assert.equal(again.status, 'connected');
});

test('after Disconnect a consent with several sites asks again, and the former site finds its index', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const [site, other] = [await world.site([person]), await world.site([person])];
  await world.connect(tenantId, person, [site.cloudId]);
  await world.deps.control
    .item('connection', tenantId)
    .patch([{ op: 'add', path: '/watermark', value: '2026-01-01T00:00:00.000Z' }]);
  await disconnect(world.deps, tenantId, { eraseIndex: false });
  await world.connect(tenantId, person, [site.cloudId, other.cloudId]);
  assert.equal((await view(tenantId)).status, 'choosing_site');
  const connection = await chooseSite(world.deps, tenantId, site.cloudId);
  assert.equal(connection.watermark, '2026-01-01T00:00:00.000Z');
  assert.equal(connection.disconnectedAt, undefined);
  assert.deepEqual(connection.indexesToErase, []);
});

test('picking a site without a consent is refused and says what to do', async () => {
  await assert.rejects(chooseSite(world.deps, newTenant(), 'any'), { code: 'not_connected', status: 409 });
});
