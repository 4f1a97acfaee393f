import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { authenticateDashboard, requireTenant } from '../../shared/platform/dashboard-caller.ts';
import type { Deps } from '../../shared/platform/deps.ts';
import { createLogger } from '../../shared/platform/log.ts';
import { AUDIENCE, testIssuer } from '../oidc-issuer/issuer.ts';
import { eventually } from '../support/eventually.ts';

const silent = createLogger({ LOG_LEVEL: 'error' }, () => {});

function depsOf(issuerUrl: string, log = silent): Pick<Deps, 'settings' | 'log'> {
  return { settings: { AUTH_ISSUER: issuerUrl, AUTH_AUDIENCE: AUDIENCE } as Deps['settings'], log };
}

async function dashboard(t: TestContext) {
  const issuer = await testIssuer(t);
  const deps = depsOf(issuer.issuerUrl);
  const authenticate = (authorization: string | null) => authenticateDashboard(deps, authorization);
  return {
    ...issuer,
    authenticate,
    call: async (request: object) => authenticate(`Bearer ${await issuer.token(request)}`),
  };
}

const unauthorized = { status: 401, code: 'unauthorized' };
const forbidden = { status: 403, code: 'forbidden' };
const ALL = { roles: ['Confluence.Manage.All'] };

test('Confluence.Manage.All covers every tenant', async (t) => {
  const { call } = await dashboard(t);
  requireTenant(await call(ALL), 'any-tenant');
  requireTenant(await call({ ...ALL, tenants: ['a'] }), 'b');
});

test('Confluence.Manage covers the tenants of its claim, and none without the claim', async (t) => {
  const { call } = await dashboard(t);
  const some = await call({ roles: ['Confluence.Manage'], tenants: ['a', 'b'] });
  requireTenant(some, 'a');
  assert.throws(() => requireTenant(some, 'c'), forbidden);
  const none = await call({ roles: ['Confluence.Manage'] });
  assert.throws(() => requireTenant(none, 'a'), forbidden);
});

test('a token without a role of ours is refused', async (t) => {
  const { call } = await dashboard(t);
  await assert.rejects(call({ roles: [] }), forbidden);
  await assert.rejects(call({ roles: ['Confluence.Read'], tenants: ['a'] }), forbidden);
  await assert.rejects(call({ omit: ['roles'] }), forbidden);
});

test('no token, another scheme and a broken token are refused', async (t) => {
  const { authenticate, token } = await dashboard(t);
  const good = await token(ALL);
  for (const authorization of [
    null,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${good}`,
    `Bearer ${good}x`,
    `Bearer ${good} ${good}`,
  ]) {
    await assert.rejects(authenticate(authorization), unauthorized, String(authorization).slice(0, 12));
  }
  await authenticate(`bearer ${good}`);
});

const refused: readonly [string, object][] = [
  ['another audience', { audience: 'somebody else' }],
  ['another issuer', { issuer: 'https://evil.example' }],
  ['an expired token', { expiresInSeconds: -120 }],
  ['a token that is not valid yet', { notBeforeSeconds: 120 }],
  ['a token that never expires', { omit: ['exp'] }],
  ['no audience', { omit: ['aud'] }],
  ['no issuer', { omit: ['iss'] }],
  ['no signature', { algorithm: 'none' }],
  ['the public key used as a secret', { algorithm: 'HS256' }],
  ['an algorithm that is not pinned', { algorithm: 'RS512' }],
  ['a key that the issuer does not publish', { key: 'unknown' }],
  ['a forged signature under the real key’s name', { key: 'forged' }],
];
for (const [what, request] of refused) {
  test(`${what} is refused`, async (t) => {
    const { call } = await dashboard(t);
    await assert.rejects(call({ ...ALL, ...request }), unauthorized);
  });
}

const malformedClaims: readonly [string, object][] = [
  ['roles in one text', { roles: 'Confluence.Manage.All' }],
  ['tenants in one text', { roles: ['Confluence.Manage'], tenants: 'a' }],
  ['tenants as an object', { roles: ['Confluence.Manage'], tenants: { a: true } }],
  ['a tenant that is no text', { roles: ['Confluence.Manage'], tenants: ['a', 7] }],
];
for (const [what, claims] of malformedClaims) {
  test(`claims of another form are refused whole: ${what}`, async (t) => {
    const issuer = `https://${randomUUID()}.example`;
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwks = { keys: [await exportJWK(publicKey)] };
    t.mock.method(globalThis, 'fetch', async (url: string) =>
      Response.json(url.endsWith('/keys') ? jwks : { issuer, jwks_uri: `${issuer}/keys` }),
    );
    const sign = (payload: object) =>
      new SignJWT({ ...payload, iss: issuer, aud: AUDIENCE })
        .setProtectedHeader({ alg: 'ES256' })
        .setExpirationTime('1m')
        .sign(privateKey);
    const call = async (payload: object) => authenticateDashboard(depsOf(issuer), `Bearer ${await sign(payload)}`);
    assert.deepEqual(await call({ roles: ['Confluence.Manage'], tenants: ['a'] }), {
      allTenants: false,
      tenants: ['a'],
    });
    await assert.rejects(call(claims), unauthorized);
  });
}

const discoveries: readonly [string, () => Response][] = [
  ['names another issuer', () => discovery({ issuer: 'https://evil.example' })],
  ['has its keys on plain http', () => discovery({ jwks_uri: 'http://issuer.example/keys' })],
  ['names no keys', () => discovery({ jwks_uri: undefined })],
  ['is not JSON', () => new Response('<html>')],
];
for (const [what, answer] of discoveries) {
  test(`an issuer whose document ${what} proves nothing`, async (t) => {
    const requests: [string, RequestInit | undefined][] = [];
    t.mock.method(globalThis, 'fetch', async (url: string, init?: RequestInit) => {
      requests.push([url, init]);
      return answer();
    });
    const call = authenticateDashboard(depsOf('https://issuer.example'), 'Bearer a.b.c');
    await assert.rejects(call, { status: 503, code: 'issuer_unavailable' });
    assert.deepEqual(
      requests.map(([url, init]) => [url, init?.redirect]),
      [['https://issuer.example/.well-known/openid-configuration', 'error']],
      'only the issuer itself is asked, and no redirect followed',
    );
  });
}

function discovery(changes: object): Response {
  return Response.json({ issuer: 'https://issuer.example', jwks_uri: 'https://issuer.example/keys', ...changes });
}

test('clocks may differ by a minute', async (t) => {
  const { call } = await dashboard(t);
  await call({ ...ALL, expiresInSeconds: -30 });
  await call({ ...ALL, notBeforeSeconds: 30 });
});

test('a new key of the issuer is found, and a withdrawn one is no longer accepted', async (t) => {
  const { authenticate, token, rotate } = await dashboard(t);
  const old = await token(ALL);
  await authenticate(`Bearer ${old}`);
  await rotate(false);
  const renewed = await token(ALL);
  await eventually(() => authenticate(`Bearer ${renewed}`));
  await assert.rejects(authenticate(`Bearer ${old}`), unauthorized);
});

test('an issuer that cannot be reached is our trouble, not the caller’s, and is asked again', async (t) => {
  const issuer = await testIssuer(t);
  const token = await issuer.token(ALL);
  await issuer.close();
  const lines: string[] = [];
  const deps = depsOf(
    issuer.issuerUrl,
    createLogger({ LOG_LEVEL: 'warn' }, (line) => lines.push(line)),
  );
  const call = () => authenticateDashboard(deps, `Bearer ${token}`);
  await assert.rejects(call(), { status: 503, code: 'issuer_unavailable' });
  assert.match(lines.join(), /issuer_unavailable.*ECONNREFUSED/, 'the operator is told why');
  await testIssuer(t, { port: Number(new URL(issuer.issuerUrl).port), dataDir: issuer.dataDir });
  assert.deepEqual(await call(), { allTenants: true, tenants: [] });
});
