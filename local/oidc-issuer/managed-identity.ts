import { timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';

const API_VERSION = '2019-08-01';
const LIFETIME_SECONDS = 24 * 60 * 60;

/**
 * App Service's managed identity endpoint, which the unchanged `ManagedIdentityCredential` of `@azure/identity` asks when
 * `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` are set. The header keeps pages in a browser and other local programs from
 * fetching tokens.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export async function managedIdentityToken(
  c: Context,
  identityHeader: string | undefined,
  sign: (audience: string, expiresInSeconds: number) => Promise<string>,
): Promise<Response> {
  const { resource, 'api-version': apiVersion, client_id: clientId = 'local' } = c.req.query();
  if (!identityHeader || !equal(c.req.header('x-identity-header') ?? '', identityHeader))
    return c.json(
      { error: 'unauthorized', error_description: 'The header X-IDENTITY-HEADER is missing or wrong.' },
      401,
    );
  if (apiVersion !== API_VERSION || !resource)
    return c.json(
      { error: 'invalid_request', error_description: `Send resource and api-version=${API_VERSION} as parameters.` },
      400,
    );
  return c.json({
    access_token: await sign(resource, LIFETIME_SECONDS),
    expires_on: String(Math.floor(Date.now() / 1000) + LIFETIME_SECONDS),
    resource,
    token_type: 'Bearer',
    client_id: clientId,
  });
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
