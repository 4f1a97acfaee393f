import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { Agent } from 'undici';
import { AtlassianError } from '../../shared/atlassian/errors.ts';
import { authorizeUrl, exchangeRefreshToken } from '../../shared/atlassian/oauth.ts';
import { listSites } from '../../shared/atlassian/resources.ts';
import { sendToAtlassian } from '../../shared/atlassian/send.ts';
import { SecretText } from '../../shared/platform/secret-text.ts';
import { readSettings } from '../../shared/platform/settings.ts';

/** A server that answers what no simulator should: Atlassian's surprises in their raw form. */
async function atlassian(t: TestContext, listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const agent = new Agent();
  t.after(async () => {
    await agent.close();
    server.closeAllConnections();
    server.close();
  });
  const settings = readSettings({
    ATLASSIAN_CLIENT_ID: 'the-client',
    ATLASSIAN_CLIENT_SECRET: 'the-secret',
    ATLASSIAN_AUTH_URL: url,
    ATLASSIAN_API_URL: url,
    ATLASSIAN_MAX_BODY_MB: '0.001',
    PUBLIC_URL: 'https://app.example/',
    DASHBOARD_ORIGIN: 'https://dashboard.example',
    AUTH_ISSUER: 'https://issuer.example',
    AUTH_AUDIENCE: 'api',
    COSMOS_ENDPOINT: 'https://cosmos.example',
    KEY_VAULT_URL: 'https://vault.example',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  });
  return { url, deps: { settings, atlassian: agent, now: () => new Date('2026-06-01T12:00:00.000Z') } };
}

const token = new SecretText('the-access-token');

test('the authorize URL carries every parameter that Atlassian requires, and the secret nowhere', async (t) => {
  const { deps, url } = await atlassian(t, (_, response) => response.end());
  const authorize = new URL(authorizeUrl(deps.settings, 'the-state'));
  assert.equal(authorize.origin + authorize.pathname, `${url}/authorize`);
  assert.deepEqual(Object.fromEntries(authorize.searchParams), {
    audience: 'api.atlassian.com',
    client_id: 'the-client',
    scope: deps.settings.ATLASSIAN_SCOPES.join(' '),
    redirect_uri: 'https://app.example/api/confluence/callback',
    state: 'the-state',
    response_type: 'code',
    prompt: 'consent',
  });
  assert.ok(authorize.searchParams.get('scope')?.includes('offline_access'));
});

test('the life of a token is what the answer says, counted from before the request', async (t) => {
  let sent = '';
  const { deps } = await atlassian(t, (request, response) => {
    request.setEncoding('utf8').on('data', (chunk) => {
      sent += chunk;
    });
    request.on('end', () =>
      response.end(JSON.stringify({ access_token: 'a', refresh_token: 'r', expires_in: 120, scope: 'x y', more: 1 })),
    );
  });
  const issued = await exchangeRefreshToken(deps, new SecretText('old'));
  assert.equal(issued.expiresAt.toISOString(), '2026-06-01T12:02:00.000Z');
  assert.deepEqual(issued.scopes, ['x', 'y']);
  assert.deepEqual(JSON.parse(sent), {
    client_id: 'the-client',
    client_secret: 'the-secret',
    grant_type: 'refresh_token',
    refresh_token: 'old',
  });
  assert.doesNotMatch(inspect(issued, { depth: 9 }) + JSON.stringify(issued), /'a'|"a"|'r'|"r"/);
});

for (const [what, text] of [
  ['an answer without a refresh token', '{"access_token":"leaky-token","expires_in":3600}'],
  ['an answer that is not JSON', 'leaky-token'],
] as const) {
  test(`${what} is malformed, and its text stays out of the error`, async (t) => {
    const { deps } = await atlassian(t, (_, response) => response.end(text));
    await assert.rejects(exchangeRefreshToken(deps, token), (error: Error) => {
      assert.ok(error instanceof AtlassianError && error.kind === 'malformed');
      assert.doesNotMatch(inspect(error, { depth: 9 }), /leaky-token/);
      return true;
    });
  });
}

test('sites: products of one site are merged, sites without Confluence are left out, none is taken for granted', async (t) => {
  const entry = (id: string, scopes: string[]) => ({
    id,
    url: `https://${id}.example/`,
    name: id,
    scopes,
    avatarUrl: 'x',
  });
  const { deps } = await atlassian(t, (_, response) =>
    response.end(
      JSON.stringify([
        entry('jira-only', ['read:jira-work']),
        entry('both', ['read:jira-work']),
        entry('both', ['read:page:confluence']),
        entry('both', ['search:confluence']),
        entry('wiki', ['read:page:confluence']),
      ]),
    ),
  );
  assert.deepEqual(await listSites(deps, token), [
    { cloudId: 'both', name: 'both', url: 'https://both.example' },
    { cloudId: 'wiki', name: 'wiki', url: 'https://wiki.example' },
  ]);
});

test('a site whose address is not one of the web is refused: dashboards make it a link', async (t) => {
  const site = { id: 'c', name: 'c', scopes: ['read:page:confluence'], url: 'javascript:alert(1)' };
  const { deps } = await atlassian(t, (_, response) => response.end(JSON.stringify([site])));
  await assert.rejects(listSites(deps, token), { kind: 'malformed' });
});

test('a redirect is not followed: a token never reaches a host that we did not name', async (t) => {
  let requests = 0;
  const { deps, url } = await atlassian(t, (_, response) => {
    requests += 1;
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const answer = await sendToAtlassian(deps, { method: 'GET', url: `${url}/me`, token });
  assert.equal(answer.status, 302);
  assert.equal(requests, 1);
});

test('only the two configured hosts are called', async (t) => {
  const { deps } = await atlassian(t, (_, response) => response.end());
  await assert.rejects(
    sendToAtlassian(deps, { method: 'GET', url: 'https://evil.example/me', token }),
    /refused to call/,
  );
  await assert.rejects(
    sendToAtlassian(deps, { method: 'GET', url: 'http://127.0.0.1:1/me', token }),
    /refused to call/,
  );
});

test('no answer, a cut one and a late one are outages that hold no token', async (t) => {
  const { deps, url } = await atlassian(t, (request, response) => {
    if (request.url === '/cut') response.socket?.destroy();
  });
  for (const path of ['/cut', '/late']) {
    const call = sendToAtlassian(deps, { method: 'GET', url: `${url}${path}`, token, timeoutMs: 100 });
    await assert.rejects(call, (error: Error) => {
      assert.ok(error instanceof AtlassianError && error.kind === 'outage' && error.transient);
      assert.equal(error.timedOut, path === '/late');
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /the-access-token/);
      return true;
    });
  }
});

test('an answer over the limit is cut off while reading', async (t) => {
  const { deps, url } = await atlassian(t, (_, response) => response.end('x'.repeat(100_000)));
  await assert.rejects(sendToAtlassian(deps, { method: 'GET', url: `${url}/huge`, token }), { kind: 'too_large' });
});
