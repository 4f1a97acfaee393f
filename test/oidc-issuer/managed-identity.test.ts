import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManagedIdentityCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { IDENTITY_HEADER, testIssuer } from './issuer.ts';

test('ManagedIdentityCredential gets a token for a resource, unchanged', async (t) => {
  const { identityEndpoint } = await testIssuer(t);
  process.env.IDENTITY_ENDPOINT = identityEndpoint;
  process.env.IDENTITY_HEADER = IDENTITY_HEADER;
  for (const options of [{}, { clientId: 'a-user-assigned-identity' }]) {
    const credential = new ManagedIdentityCredential(options);
    const { token, expiresOnTimestamp } = await credential.getToken('https://vault.localhost/.default');
    assert.equal(decodeJwt(token).aud, 'https://vault.localhost');
    assert.ok(expiresOnTimestamp > Date.now() + 23 * 3_600_000);
  }
});

test('without the secret header nobody gets a token', async (t) => {
  const { identityEndpoint } = await testIssuer(t);
  const url = `${identityEndpoint}?api-version=2019-08-01&resource=https://vault.localhost`;
  const answers: [Record<string, string>, number][] = [
    [{}, 401],
    [{ 'x-identity-header': 'wrong' }, 401],
    [{ 'x-identity-header': IDENTITY_HEADER }, 200],
  ];
  for (const [headers, status] of answers) assert.equal((await fetch(url, { headers })).status, status);
  const withoutVersion = await fetch(identityEndpoint, { headers: { 'x-identity-header': IDENTITY_HEADER } });
  assert.equal(withoutVersion.status, 400);
});
