import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AUDIENCE, testIssuer } from './issuer.ts';

test('a token verifies through discovery and carries roles and tenants', async (t) => {
  const issuer = await testIssuer(t);
  const response = await issuer.post('/token', {
    roles: ['Confluence.Manage'],
    tenants: ['t1', 't2'],
    expiresInSeconds: 600,
  });
  const { access_token, expires_in, token_type } = (await response.json()) as Record<string, string>;
  assert.deepEqual([expires_in, token_type], [600, 'Bearer']);
  const claims = await issuer.verify(access_token ?? '');
  assert.deepEqual([claims.roles, claims.tenants], [['Confluence.Manage'], ['t1', 't2']]);
  assert.equal(claims.iss, issuer.issuerUrl);
  assert.equal(claims.aud, AUDIENCE);
  assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 600);
  assert.ok(claims.sub && claims.nbf);
});

test('a token without tenants has no such claim', async (t) => {
  const issuer = await testIssuer(t);
  const claims = await issuer.verify(await issuer.token({ roles: ['Confluence.Manage.All'] }));
  assert.equal('tenants' in claims, false);
});

const refused: [string, object, RegExp][] = [
  ['expired', { expiresInSeconds: -120 }, /"exp" claim timestamp check failed/],
  ['not valid yet', { notBeforeSeconds: 600 }, /"nbf" claim timestamp check failed/],
  ['for another audience', { audience: 'other' }, /"aud" claim/],
  ['from another issuer', { issuer: 'https://login.example.com' }, /"iss" claim/],
  ['missing its exp', { omit: ['exp'] }, /"exp" claim/],
  ['signed with PS256', { algorithm: 'PS256' }, /"alg"/],
  ['signed with the public key as a secret', { algorithm: 'HS256' }, /"alg"/],
  ['not signed', { algorithm: 'none' }, /"alg"/],
  ['signed with an unknown key', { key: 'unknown' }, /no applicable key/],
  ['signed with another key under the real key id', { key: 'forged' }, /signature verification failed/],
];
for (const [what, request, message] of refused) {
  test(`a token that is ${what} can be had, and a resource server refuses it`, async (t) => {
    const issuer = await testIssuer(t);
    await assert.rejects(issuer.verify(await issuer.token(request)), { message });
  });
}

test('after a rotation earlier tokens hold while the old key is kept, and fail once it is dropped', async (t) => {
  const issuer = await testIssuer(t);
  const before = await issuer.token({});
  await issuer.rotate(true);
  const between = await issuer.token({});
  await issuer.verify(before);
  await issuer.verify(between);
  await issuer.rotate(false);
  await assert.rejects(issuer.verify(before), { message: /no applicable key/ });
  await issuer.verify(await issuer.token({}));
});

test('keys survive a restart, and only the owner can read them', async (t) => {
  const first = await testIssuer(t);
  const token = await first.token({});
  const port = Number(new URL(first.url).port);
  await first.close();
  const { verify, dataDir } = await testIssuer(t, { dataDir: first.dataDir, port });
  await verify(token);
  assert.equal((await stat(join(dataDir, 'keys.json'))).mode & 0o777, 0o600);
});

test('the key set shows no private part', async (t) => {
  const issuer = await testIssuer(t);
  const { keys } = (await (await fetch(`${issuer.url}/keys`)).json()) as { keys: object[] };
  assert.deepEqual(
    keys.map((key) => Object.keys(key).sort()),
    [['e', 'kid', 'kty', 'n', 'use']],
  );
});

test('an unknown field is refused by name', async (t) => {
  const issuer = await testIssuer(t);
  const response = await issuer.post('/token', { role: 'Confluence.Manage' });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /role/);
  assert.equal((await issuer.post('/token', 'text')).status, 400);
});
