import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { startOidcIssuer } from '../../local/oidc-issuer/server.ts';

export const AUDIENCE = 'confluence';
export const IDENTITY_HEADER = 'header-of-this-test';

/** An issuer of its own that ends with the test. */
export async function testIssuer(t: TestContext, options: { dataDir?: string; port?: number } = {}) {
  const { dataDir = await mkdtemp(join(tmpdir(), 'oidc-issuer-')), port = 0 } = options;
  const issuer = await startOidcIssuer({ port, dataDir, audience: AUDIENCE, identityHeader: IDENTITY_HEADER });
  t.after(async () => {
    await issuer.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const post = (path: string, body: unknown) =>
    fetch(`${issuer.issuerUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return {
    ...issuer,
    dataDir,
    post,
    async token(request: object): Promise<string> {
      const response = await post('/token', request);
      if (!response.ok) throw new Error(await response.text());
      return ((await response.json()) as { access_token: string }).access_token;
    },
    rotate: (keepOld: boolean) => post('/_emulator/keys/rotate', { keepOld }),
    /** Verifies as a resource server does, with keys fetched now. */
    async verify(token: string): Promise<JWTPayload> {
      const discovery = await fetch(`${issuer.issuerUrl}/.well-known/openid-configuration`);
      const { jwks_uri, issuer: name } = (await discovery.json()) as { jwks_uri: string; issuer: string };
      const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), {
        issuer: name,
        audience: AUDIENCE,
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
      });
      return payload;
    },
  };
}
