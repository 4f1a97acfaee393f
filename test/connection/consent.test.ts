import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CallbackOutcome, handleCallback } from '../../shared/connection/callback.ts';
import { type CallbackPage, renderCallbackPage } from '../../shared/connection/callback-page.ts';
import { completeConnect } from '../../shared/connection/complete.ts';
import { startConnect } from '../../shared/connection/connect.ts';
import { findConnectionsToTidy } from '../../shared/connection/due.ts';
import { tidyConnection } from '../../shared/connection/tidy.ts';
import { queryTenant } from '../../shared/platform/query.ts';
import { crashAt } from './crash.ts';
import { callbackQuery, newTenant, startWorld, type World } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

/** The message that the page posts, as the dashboard reads it. */
function messageOf({ body }: CallbackPage): Record<string, unknown> {
  const text = /<script type="application\/json" id="message">(.*?)<\/script>/s.exec(body)?.[1];
  assert.ok(text, 'the page carries its message');
  return JSON.parse(text);
}

const pageOf = (outcome: CallbackOutcome) => renderCallbackPage(world.deps.settings, outcome);

async function itemsOf(tenantId: string): Promise<{ id: string; type: string }[]> {
  const query = queryTenant<{ id: string; type: string }>(world.deps.control, tenantId, { select: '*', where: 'true' });
  return (await query.fetchAll()).resources;
}

test('a link sent to a stranger cannot put their Confluence into the sender’s tenant', async () => {
  const [attacker, victim] = [newTenant(), newTenant()];
  const stranger = await world.person();
  const site = await world.site([stranger]);
  // The attacker starts a connect for their own tenant and sends the link; the stranger signs in and consents.
  const { authorizeUrl } = await startConnect(world.deps, attacker);
  const query = await world.consent(authorizeUrl, stranger, [site.cloudId]);
  const outcome = await handleCallback(world.deps, callbackQuery(query));
  assert.equal(outcome.status, 'granted');
  const page = pageOf(outcome);
  const completion = String(messageOf(page).completion);

  // With an opener: the message goes to the dashboard's origin only, so a window of the attacker's hears nothing.
  assert.match(page.body, /postMessage\(message, "http:\/\/127\.0\.0\.1:7075"\)/);
  assert.equal(page.body.match(/postMessage/g)?.length, 1);
  // Without one: the link leads the stranger to the dashboard, which completes for the stranger's own tenant.
  assert.match(page.body, new RegExp(`href="http://127\\.0\\.0\\.1:7075/#completion=${completion}"`));
  await assert.rejects(completeConnect(world.deps, victim, completion), { code: 'completion_invalid' });
  await assert.rejects(world.connection(victim));

  // The attacker knows neither the completion nor the code; what they do know is worth nothing.
  const state = String(query.get('state'));
  for (const guess of [state, String(query.get('code')), state.split('~')[1] ?? '', 'x']) {
    await assert.rejects(completeConnect(world.deps, attacker, guess), { code: 'completion_invalid' });
  }
  await assert.rejects(world.connection(attacker));

  // Unclaimed, it is purged with its tokens.
  const later = { ...world.deps, now: () => new Date(Date.now() + 601_000) };
  assert.ok((await findConnectionsToTidy(later, later.now())).includes(attacker));
  await assert.rejects(completeConnect(later, attacker, completion), { code: 'completion_invalid' });
  const secret = (await world.secrets()).live.length;
  await tidyConnection(later, attacker);
  assert.equal((await world.secrets()).live.length, secret - 1);
  assert.deepEqual(
    (await itemsOf(attacker)).map(({ type }) => type),
    ['state'],
  );
});

test('a refused completion changes nothing: the right tenant can still claim the grant', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const completion = await world.grant(tenantId, person, [site.cloudId]);
  await assert.rejects(completeConnect(world.deps, newTenant(), completion), { code: 'completion_invalid' });
  await assert.rejects(completeConnect(world.deps, tenantId, `${completion}x`), { code: 'completion_invalid' });
  assert.equal((await completeConnect(world.deps, tenantId, completion)).status, 'connected');
  await assert.rejects(completeConnect(world.deps, tenantId, completion), { code: 'completion_invalid' });
});

test('an unclaimed grant is never shown and never used', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  await world.grant(tenantId, person, [site.cloudId]);
  await assert.rejects(world.connection(tenantId));
  const stored = JSON.stringify(await itemsOf(tenantId));
  assert.doesNotMatch(stored, /"accessToken"|"refreshToken"/);
});

test('neither states nor completions are stored in clear', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const { authorizeUrl } = await startConnect(world.deps, tenantId);
  const query = await world.consent(authorizeUrl, person, [site.cloudId]);
  const outcome = await handleCallback(world.deps, callbackQuery(query));
  const stored = JSON.stringify(await itemsOf(tenantId));
  assert.equal(outcome.status, 'granted');
  assert.ok(outcome.status === 'granted' && !stored.includes(outcome.completion));
  assert.ok(!stored.includes(String(query.get('state')).split('~')[1] ?? ''));
});

test('a state is good once, for ten minutes, for its own tenant; each misuse gets its own page', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const { authorizeUrl, expiresAt } = await startConnect(world.deps, tenantId);
  assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 600_000) < 5_000);
  const query = callbackQuery(await world.consent(authorizeUrl, person, [site.cloudId]));
  const stolen = { ...query, state: String(query.state).replace(tenantId, newTenant()) };
  const tooLate = { ...world.deps, now: () => new Date(Date.now() + 601_000) };

  const misuses = {
    missing: await handleCallback(world.deps, { ...query, state: null }),
    stolen: await handleCallback(world.deps, stolen),
    changed: await handleCallback(world.deps, { ...query, state: `${query.state}x` }),
    expired: await handleCallback(tooLate, query),
    nonsense: await handleCallback(world.deps, { ...query, state: '_app~x' }),
    good: await handleCallback(world.deps, query),
    replayed: await handleCallback(world.deps, query),
  };
  assert.deepEqual(
    Object.values(misuses).map((outcome) => ('problem' in outcome ? outcome.problem : outcome.status)),
    ['missing', 'unknown', 'unknown', 'expired', 'unknown', 'granted', 'used'],
  );
  const bad = [misuses.missing, misuses.stolen, misuses.expired, misuses.replayed].map(pageOf);
  assert.equal(new Set(bad.map(({ body }) => /<main>.*<\/main>/s.exec(body)?.[0])).size, 4);
  for (const page of bad) {
    assert.deepEqual(messageOf(page), { type: 'confluence', status: 'invalid_state' });
    assert.equal(page.status, 400);
  }
});

test('a grant that is being erased cannot be claimed any more, whatever the claiming process’s clock says', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const completion = await world.grant(tenantId, person, [site.cloudId]);
  const later = { ...world.deps, now: () => new Date(Date.now() + 601_000) };
  // The vault is away: the grant is marked, its secret still there.
  const away = () => Promise.reject(new Error('the vault is away'));
  const secrets = { getSecret: away, purgeDeletedSecret: away } as unknown as World['deps']['secrets'];
  await assert.rejects(tidyConnection({ ...later, secrets }, tenantId));
  await assert.rejects(completeConnect(world.deps, tenantId, completion), { code: 'completion_invalid' });
  const { length: before } = (await world.secrets()).live;
  await tidyConnection(later, tenantId);
  assert.equal((await world.secrets()).live.length, before - 1);
});

test('a person whose consent meets an outage of ours gets a page that reads, and the dashboard its message', async () => {
  const down = () => Promise.reject(new Error('the database is away'));
  const control = { item: () => ({ read: down }), items: { batch: down } } as unknown as World['deps']['control'];
  const { authorizeUrl } = await startConnect(world.deps, newTenant());
  const state = new URL(authorizeUrl).searchParams.get('state');
  const outcome = await handleCallback({ ...world.deps, control }, { state, code: 'any', error: null });
  assert.deepEqual(outcome, { status: 'failed' });
  assert.deepEqual(messageOf(pageOf(outcome)), { type: 'confluence', status: 'failed' });
  // Nothing was used up: the same way back works when the outage is over.
  assert.notEqual((await handleCallback(world.deps, { state, code: null, error: 'x' })).status, 'invalid_state');
});

test('two callbacks with one state at once: one is granted, the other refused', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const { authorizeUrl } = await startConnect(world.deps, tenantId);
  const query = callbackQuery(await world.consent(authorizeUrl, person, [site.cloudId]));
  const outcomes = await Promise.all([1, 2].map(() => handleCallback(world.deps, query)));
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['granted', 'invalid_state']);
});

test('a crash between the vault and the record leaves no tokens behind', async () => {
  const tenantId = newTenant();
  const person = await world.person();
  const site = await world.site([person]);
  const { authorizeUrl } = await startConnect(world.deps, tenantId);
  const query = callbackQuery(await world.consent(authorizeUrl, person, [site.cloudId]));
  const before = await world.secrets();
  // The first write uses the state up, the second stores the tokens; then the process dies.
  const crashing = crashAt(world.otherProcess(), 2, 'after');
  void handleCallback(crashing.deps, query);
  await crashing.crashed;
  assert.equal((await world.secrets()).live.length, before.live.length + 1);
  const later = { ...world.deps, now: () => new Date(Date.now() + 601_000) };
  assert.ok((await findConnectionsToTidy(later, later.now())).includes(tenantId));
  await tidyConnection(later, tenantId);
  assert.deepEqual((await world.secrets()).live.length, before.live.length);
});

const account = { accountId: '1', name: '<b>Eve</b> & "co"' };
const site = { cloudId: 'c', name: '</script><script>alert(1)</script>', url: 'https://eve.example' };
const outcomes: readonly CallbackOutcome[] = [
  { status: 'granted', completion: 'abc', sites: [site], account },
  { status: 'denied' },
  { status: 'invalid_state', problem: 'used' },
  { status: 'no_confluence_site', account },
  { status: 'failed' },
];
for (const outcome of outcomes) {
  test(`the page for ${outcome.status} runs only its own script, is not kept, and tells only the dashboard`, () => {
    const { headers, body } = pageOf(outcome);
    const csp = headers['content-security-policy'] ?? '';
    const nonce = /script-src 'nonce-([^']+)'/.exec(csp)?.[1];
    assert.ok(nonce);
    assert.match(csp, /^default-src 'none'; .*base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
    assert.doesNotMatch(csp, /unsafe/);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    const scripts = [...body.matchAll(/<script([^>]*)>/g)].map((match) => match[1]);
    assert.deepEqual(scripts, [' type="application/json" id="message"', ` nonce="${nonce}"`]);
    assert.doesNotMatch(body, /<b>Eve/);
    assert.match(body, /<h1>[^<]+<\/h1>\n<p>[^<]+/);
    assert.match(body, /window\.close\(\)/);
    const message = messageOf(pageOf(outcome));
    assert.equal(message.type, 'confluence');
    assert.equal(message.status, outcome.status);
    assert.equal(message.completion, outcome.status === 'granted' ? 'abc' : undefined);
    assert.notEqual(/nonce-([^']+)'/.exec(pageOf(outcome).headers['content-security-policy'] ?? '')?.[1], nonce);
  });
}

test('the page names the account and the sites that were granted', () => {
  const { body } = pageOf({
    status: 'granted',
    completion: 'abc',
    account: { accountId: '1', name: 'Ada' },
    sites: [{ cloudId: 'c', name: 'Acme', url: 'https://acme.atlassian.net' }],
  });
  assert.match(body, /Ada granted access to Acme \(https:\/\/acme\.atlassian\.net\)/);
});
