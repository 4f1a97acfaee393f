import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { listen, type Part } from '../part.ts';
import { type KeyRing, newSigningKey, openKeyRing } from './keys.ts';
import { managedIdentityToken } from './managed-identity.ts';
import { signToken, tokenRequestSchema } from './tokens.ts';

export interface OidcIssuerOptions {
  /** 0 picks a free port. */
  port: number;
  /** Holds the signing keys. */
  dataDir: string;
  /** The audience of tokens that ask for none. */
  audience: string;
  /** The secret of the managed identity endpoint, `IDENTITY_HEADER`; without it the endpoint refuses everyone. */
  identityHeader?: string;
}

export interface OidcIssuer extends Part {
  /** The `iss` of its tokens; the same as `url`. */
  readonly issuerUrl: string;
  /** `IDENTITY_ENDPOINT` for `ManagedIdentityCredential`. */
  readonly identityEndpoint: string;
}

const rotateSchema = z.strictObject({ keepOld: z.boolean().default(true) });

/**
 * Stands in for Entra ID on one machine: signs the dashboard backend's tokens (`POST /token`), publishes its keys, and
 * answers the managed identity's token requests (`GET /msi/token`).
 */
export async function startOidcIssuer(options: OidcIssuerOptions): Promise<OidcIssuer> {
  const ring = await openKeyRing(options.dataDir);
  let issuerUrl = '';
  const app = await createApp(ring, options, () => issuerUrl);
  const part = await listen(getRequestListener(app.fetch), { port: options.port });
  issuerUrl = part.url;
  return { ...part, issuerUrl, identityEndpoint: `${issuerUrl}/msi/token` };
}

async function createApp(ring: KeyRing, options: OidcIssuerOptions, issuerUrl: () => string): Promise<Hono> {
  const stranger = await newSigningKey();
  const sign = (request: z.input<typeof tokenRequestSchema>) =>
    signToken(tokenRequestSchema.parse(request), {
      issuer: issuerUrl(),
      audience: options.audience,
      current: ring.current(),
      stranger,
    });

  const app = new Hono();
  app.get('/.well-known/openid-configuration', (c) => c.json(discovery(issuerUrl())));
  app.get('/keys', (c) => c.json({ keys: ring.publicKeys() }));
  app.post('/token', async (c) => {
    const request = await readBody(c, tokenRequestSchema);
    return c.json(
      { access_token: await sign(request), token_type: 'Bearer', expires_in: request.expiresInSeconds },
      200,
      { 'cache-control': 'no-store' },
    );
  });
  app.get('/msi/token', (c) =>
    managedIdentityToken(c, options.identityHeader, (audience, expiresInSeconds) =>
      sign({ audience, expiresInSeconds, subject: 'managed-identity', omit: ['roles'] }),
    ),
  );
  app.post('/_emulator/keys/rotate', async (c) => {
    const { keepOld } = await readBody(c, rotateSchema);
    await ring.rotate(keepOld);
    return c.json({ keys: ring.publicKeys() });
  });
  app.notFound((c) =>
    c.json({ error: 'not_found', error_description: `There is no ${c.req.method} ${c.req.path}.` }, 404),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException)
      return c.json({ error: 'invalid_request', error_description: error.message }, error.status);
    console.error(error);
    return c.json({ error: 'server_error' }, 500);
  });
  return app;
}

const discovery = (issuer: string) => ({
  issuer,
  jwks_uri: `${issuer}/keys`,
  token_endpoint: `${issuer}/token`,
  response_types_supported: ['token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
});

/** The JSON body by its schema; 400 naming every field that does not fit. */
async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await c.req.json().catch(() => {
    throw new HTTPException(400, { message: 'The body must be JSON.' });
  });
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new HTTPException(400, { message: z.prettifyError(parsed.error) });
  return parsed.data;
}
