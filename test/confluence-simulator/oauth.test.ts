import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  admin,
  CALLBACK,
  CLIENT,
  jiraOnly,
  nobody,
  single,
  startSimulator,
  type TestSimulator,
  type Tokens,
} from './setup.ts';

const SCOPES = 'offline_access read:me read:page:confluence read:space:confluence';

function authorizeUrl(simulator: TestSimulator, changes: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    audience: 'api.atlassian.com',
    client_id: CLIENT.client_id,
    scope: SCOPES,
    redirect_uri: CALLBACK,
    state: 'a state/with = signs',
    response_type: 'code',
    prompt: 'consent',
    ...changes,
  });
  return `${simulator.url}/authorize?${query}`;
}

async function consent(simulator: TestSimulator, body: object): Promise<URL> {
  const { location } = await simulator.control<{ location: string }>('POST', '/consent', {
    authorizeUrl: authorizeUrl(simulator),
    accountId: admin.accountId,
    ...body,
  });
  return new URL(location);
}

const exchange = (simulator: TestSimulator, code: string | null, changes: object = {}) =>
  simulator.call('POST', '/oauth/token', {
    grant_type: 'authorization_code',
    ...CLIENT,
    code,
    redirect_uri: CALLBACK,
    ...changes,
  });

const refresh = (simulator: TestSimulator, refreshToken: string, changes: object = {}) =>
  simulator.call('POST', '/oauth/token', {
    grant_type: 'refresh_token',
    ...CLIENT,
    refresh_token: refreshToken,
    ...changes,
  });

const advance = (simulator: TestSimulator, minutes: number) =>
  simulator.control('POST', '/clock', { advanceMs: minutes * 60_000 });

test('consent leads to a code, the code to tokens, the tokens to the granted site', async (t) => {
  const simulator = await startSimulator(t);
  const cloudId = await simulator.createSite({ name: 'acme', pages: 3 });
  const callback = await consent(simulator, { cloudIds: [cloudId] });
  assert.equal(`${callback.origin}${callback.pathname}`, CALLBACK);
  assert.equal(callback.searchParams.get('state'), 'a state/with = signs');
  const answered = await exchange(simulator, callback.searchParams.get('code'));
  assert.equal(answered.status, 200);
  const tokens = answered.json<Tokens>();
  assert.equal(tokens.expires_in, 3600);
  assert.equal(tokens.token_type, 'Bearer');
  assert.equal(tokens.scope, SCOPES);
  const pages = await simulator.reader(cloudId, tokens).read('/pages');
  assert.equal(pages.results.length, 3);
});

test('a form post walks the consent page as a browser does', async (t) => {
  const simulator = await startSimulator(t);
  const cloudId = await simulator.createSite({ name: 'acme', pages: 1 });
  const url = authorizeUrl(simulator);
  const page = await (await fetch(url)).text();
  assert.match(page, /has not been reviewed by Atlassian/);
  assert.match(page, /View pages and blog posts/);
  assert.match(page, /acme\.atlassian\.net/);
  const form = { request: new URL(url).search.slice(1), account: admin.accountId, site: cloudId, decision: 'accept' };
  const answered = await fetch(`${simulator.url}/authorize`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(form),
  });
  assert.equal(answered.status, 302);
  assert.ok(new URL(answered.headers.get('location') ?? '').searchParams.get('code'));
});

test('each account is offered its own sites', async (t) => {
  const simulator = await startSimulator(t, { demo: true });
  const offered = async (accountId: string) => {
    const page = await (await fetch(`${authorizeUrl(simulator)}&account=${encodeURIComponent(accountId)}`)).text();
    return [...page.matchAll(/([a-z]+)\.atlassian\.net/g)].map(([, name]) => name);
  };
  assert.deepEqual(await offered(admin.accountId), ['acme', 'northwind', 'tailspin', 'harbour']);
  assert.deepEqual(await offered(single.accountId), ['acme']);
  assert.deepEqual(await offered(jiraOnly.accountId), ['harbour']);
  assert.deepEqual(await offered(nobody.accountId), []);
});

test('a wrong authorize request is an error page and never a redirect', async (t) => {
  const simulator = await startSimulator(t);
  const wrong: Record<string, string>[] = [
    { client_id: 'other' },
    { redirect_uri: `${CALLBACK}/` },
    { redirect_uri: 'https://evil.example/callback' },
    { response_type: 'token' },
    { audience: 'example.com' },
    { prompt: 'none' },
    { state: '' },
    { scope: '' },
  ];
  for (const changes of wrong) {
    const answered = await fetch(authorizeUrl(simulator, changes), { redirect: 'manual' });
    assert.equal(answered.status, 400, JSON.stringify(changes));
    assert.equal(answered.headers.get('location'), null);
  }
});

test('Cancel redirects with access_denied, the state and no code', async (t) => {
  const simulator = await startSimulator(t);
  const { searchParams } = await consent(simulator, { accept: false });
  assert.equal(searchParams.get('error'), 'access_denied');
  assert.ok(searchParams.get('error_description'));
  assert.equal(searchParams.get('state'), 'a state/with = signs');
  assert.equal(searchParams.get('code'), null);
});

test('an account cannot grant a site that it has no access to', async (t) => {
  const simulator = await startSimulator(t);
  const cloudId = await simulator.createSite({ name: 'acme', pages: 1 });
  const body = { authorizeUrl: authorizeUrl(simulator), accountId: nobody.accountId, cloudIds: [cloudId] };
  const answered = await simulator.call('POST', '/_simulator/consent', body);
  assert.equal(answered.status, 400);
});

test('granted scopes are those that were requested and are registered', async (t) => {
  const simulator = await startSimulator(t);
  const url = authorizeUrl(simulator, { scope: 'read:me write:page:confluence read:page:confluence' });
  const { location } = await simulator.control<{ location: string }>('POST', '/consent', {
    authorizeUrl: url,
    accountId: nobody.accountId,
  });
  const tokens = (await exchange(simulator, new URL(location).searchParams.get('code'))).json<Partial<Tokens>>();
  assert.equal(tokens.scope, 'read:me read:page:confluence');
  assert.equal(tokens.refresh_token, undefined, 'no refresh token without offline_access');
});

test('a code works once, for minutes, and only with its redirect_uri', async (t) => {
  const simulator = await startSimulator(t);
  const newCode = async () => (await consent(simulator, {})).searchParams.get('code');
  const used = await newCode();
  assert.equal((await exchange(simulator, used)).status, 200);
  const again = await exchange(simulator, used);
  assert.equal(again.status, 400);
  assert.equal(again.json().error, 'invalid_request');
  assert.equal((await exchange(simulator, await newCode(), { redirect_uri: 'http://localhost/other' })).status, 400);
  const late = await newCode();
  await advance(simulator, 6);
  assert.equal((await exchange(simulator, late)).status, 400);
  await simulator.control('PATCH', '/switches', { tokens: { badCodeStatus: 403 } });
  assert.equal((await exchange(simulator, used)).status, 403);
});

test('a wrong client secret is 401 access_denied, whatever the grant', async (t) => {
  const simulator = await startSimulator(t);
  const { refresh_token } = await simulator.grant([]);
  const answered = await refresh(simulator, refresh_token, { client_secret: 'wrong' });
  assert.equal(answered.status, 401);
  assert.deepEqual(answered.json(), { error: 'access_denied', error_description: 'Unauthorized' });
  assert.equal((await refresh(simulator, refresh_token)).status, 200, 'the token is none the worse for it');
});

test('a refresh gives a new refresh token, and the old one works for ten more minutes', async (t) => {
  const simulator = await startSimulator(t);
  const first = await simulator.grant([]);
  const second = (await refresh(simulator, first.refresh_token)).json<Tokens>();
  assert.notEqual(second.refresh_token, first.refresh_token);
  await advance(simulator, 9);
  const third = await refresh(simulator, first.refresh_token);
  assert.equal(third.status, 200, 'inside the leeway');
  assert.equal((await refresh(simulator, second.refresh_token)).status, 200, 'the first successor lives on');
});

test('reuse after the leeway kills the whole family', async (t) => {
  const simulator = await startSimulator(t);
  const first = await simulator.grant([]);
  const other = await simulator.grant([]);
  const second = (await refresh(simulator, first.refresh_token)).json<Tokens>();
  await advance(simulator, 11);
  const reused = await refresh(simulator, first.refresh_token);
  assert.equal(reused.status, 403);
  assert.deepEqual(reused.json(), { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' });
  assert.equal((await refresh(simulator, second.refresh_token)).status, 403, 'the successor is dead too');
  assert.equal((await refresh(simulator, other.refresh_token)).status, 200, 'another family is not');
});

test('a bad refresh token answers as documented or as measured', async (t) => {
  const simulator = await startSimulator(t);
  assert.equal((await refresh(simulator, 'nonsense')).json().error, 'invalid_grant');
  await simulator.control('PATCH', '/switches', { tokens: { badRefreshAnswer: 'measured' } });
  const measured = await refresh(simulator, 'nonsense');
  assert.equal(measured.status, 403);
  assert.deepEqual(measured.json(), {
    error: 'unauthorized_client',
    error_description: 'refresh_token is invalid',
  });
});

test('ninety days without use end a refresh token; each rotation restarts the clock', async (t) => {
  const simulator = await startSimulator(t);
  const day = 24 * 60;
  const idle = await simulator.grant([]);
  const used = await simulator.grant([]);
  await advance(simulator, 80 * day);
  const rotated = (await refresh(simulator, used.refresh_token)).json<Tokens>();
  await advance(simulator, 11 * day);
  assert.equal((await refresh(simulator, idle.refresh_token)).status, 403);
  assert.equal((await refresh(simulator, rotated.refresh_token)).status, 200);
});

test('a new consent replaces the scopes of the former one and adds to its sites', async (t) => {
  const simulator = await startSimulator(t);
  const one = await simulator.createSite({ name: 'one', pages: 1 });
  const two = await simulator.createSite({ name: 'two', pages: 1 });
  const before = await simulator.grant([one], { scopes: ['offline_access', 'read:page:confluence', 'read:me'] });
  const after = await simulator.grant([two], { scopes: ['offline_access', 'read:page:confluence'] });
  assert.equal((await simulator.call('GET', '/me', undefined, simulator.bearer(before))).status, 403);
  const refreshed = (await refresh(simulator, before.refresh_token)).json<Tokens>();
  assert.equal(refreshed.scope, 'offline_access read:page:confluence');
  for (const tokens of [before, after]) {
    assert.equal((await simulator.reader(one, tokens).get('/pages')).status, 200);
    assert.equal((await simulator.reader(two, tokens).get('/pages')).status, 200);
  }
});

test('accessible-resources lists a site with Jira and Confluence twice, Jira first, and every granted site', async (t) => {
  const simulator = await startSimulator(t);
  const both = await simulator.createSite({ name: 'both', pages: 1, jira: true });
  const plain = await simulator.createSite({ name: 'plain', pages: 1 });
  await simulator.control('POST', '/sites/empty', { name: 'harbour', confluence: false, jira: true });
  const sites = await simulator.control<{ sites: { name: string; cloudId: string }[] }>('GET', '/sites');
  const jira = sites.sites.find((site) => site.name === 'harbour')?.cloudId ?? '';
  await simulator.grant([both]);
  const tokens = await simulator.grant([plain, jira]);
  const resources = (
    await simulator.call('GET', '/oauth/token/accessible-resources', undefined, simulator.bearer(tokens))
  ).json<{ id: string; url: string; name: string; scopes: string[]; avatarUrl: string }[]>();
  const isConfluence = (scopes: string[]) => scopes.some((scope) => scope.includes('confluence'));
  assert.deepEqual(
    resources.map(({ name, scopes }) => `${name} ${isConfluence(scopes) ? 'confluence' : 'jira'}`).sort(),
    ['both confluence', 'both jira', 'harbour jira', 'plain confluence'],
  );
  assert.equal(isConfluence(resources[0]?.scopes ?? []), false, 'the first entry is the wrong one');
  assert.equal(resources.find(({ name }) => name === 'plain')?.url, 'https://plain.atlassian.net');
});

test('/me names the account and wants read:me', async (t) => {
  const simulator = await startSimulator(t);
  const me = await simulator.call('GET', '/me', undefined, simulator.bearer(await simulator.grant([])));
  assert.equal(me.json().account_id, admin.accountId);
  assert.equal(me.json().name, 'Alex Admin');
});

test('revoking the grant ends its tokens at once', async (t) => {
  const simulator = await startSimulator(t);
  const { cloudId, tokens, get } = await simulator.site();
  await simulator.control('POST', '/grants/revoke', { accountId: admin.accountId });
  assert.equal((await get('/pages')).status, 401);
  assert.equal((await refresh(simulator, tokens.refresh_token)).status, 403);
  assert.equal((await simulator.reader(cloudId, await simulator.grant([cloudId])).get('/pages')).status, 200);
});

test('report-accounts names the closed and the changed accounts', async (t) => {
  const simulator = await startSimulator(t);
  const tokens = await simulator.grant([]);
  const updatedAt = new Date(Date.now() + 1000).toISOString();
  const report = (accounts: object[]) =>
    simulator.call('POST', '/app/report-accounts/', { accounts }, simulator.bearer(tokens));
  const both = [single, nobody].map(({ accountId }) => ({ accountId, updatedAt }));
  const nothing = await report(both);
  assert.equal(nothing.status, 204);
  assert.equal(nothing.headers.get('cycle-period'), '7');
  await advance(simulator, 30);
  await simulator.control('PATCH', `/accounts/${single.accountId}`, { displayName: 'Sam Married' });
  await simulator.control('PATCH', `/accounts/${nobody.accountId}`, { status: 'closed' });
  const changed = await report(both);
  assert.equal(changed.status, 200);
  assert.deepEqual(changed.json(), {
    accounts: [
      { accountId: single.accountId, status: 'updated' },
      { accountId: nobody.accountId, status: 'closed' },
    ],
  });
  const tooMany = Array.from({ length: 91 }, () => ({ accountId: 'a', updatedAt }));
  assert.equal((await report(tooMany)).status, 400);
});
