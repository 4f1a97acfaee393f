import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod';
import type { Deps } from './deps.ts';
import { ProblemError } from './problem.ts';

const claimsSchema = z.object({
  roles: z.array(z.string()).default([]),
  tenants: z.array(z.string()).default([]),
});

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

type CallerDeps = Pick<Deps, 'settings' | 'log'>;

const keySets = new Map<string, Promise<JWTVerifyGetKey>>();

/** The dashboard backend, and which tenants its token covers. */
export interface DashboardCaller {
  readonly allTenants: boolean;
  readonly tenants: readonly string[];
}

/**
 * Checks that the caller is the dashboard backend: role `Confluence.Manage.All` manages every tenant,
 * `Confluence.Manage` those in the claim `tenants` (no claim means no tenant).
 * Throws 401 `unauthorized` for a token that does not verify, 403 `forbidden` for one without a role of ours.
 */
export async function authenticateDashboard(deps: CallerDeps, authorization: string | null): Promise<DashboardCaller> {
  const { roles, tenants } = await verify(deps, authorization);
  if (roles.includes('Confluence.Manage.All')) return { allTenants: true, tenants: [] };
  if (roles.includes('Confluence.Manage')) return { allTenants: false, tenants };
  throw new ProblemError(403, 'forbidden', 'This token has no role that may manage Confluence connections.');
}

/** Throws 403 `forbidden` unless the caller's roles cover this tenant. */
export function requireTenant({ allTenants, tenants }: DashboardCaller, tenantId: string): void {
  if (!allTenants && !tenants.includes(tenantId)) {
    throw new ProblemError(403, 'forbidden', 'This token has no role that covers this tenant.');
  }
}

async function verify(
  { settings, log }: CallerDeps,
  authorization: string | null,
): Promise<z.infer<typeof claimsSchema>> {
  const token = /^Bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1];
  if (!token) throw unauthorized('Send a dashboard token: Authorization: Bearer <JWT>.');
  try {
    const { payload } = await jwtVerify(token, await keySet(settings.AUTH_ISSUER), {
      issuer: namesOf(settings.AUTH_ISSUER),
      audience: settings.AUTH_AUDIENCE,
      algorithms: ['RS256', 'PS256', 'ES256'],
      requiredClaims: ['exp'],
      clockTolerance: 60,
    });
    const claims = claimsSchema.safeParse(payload);
    if (claims.success) return claims.data;
  } catch (error) {
    if (!isTokenFault(error)) {
      log.warn('issuer_unavailable', { error });
      throw issuerUnavailable();
    }
  }
  throw unauthorized('The dashboard token is not valid for this application, or has expired.');
}

/** Everything else is trouble with the issuer: its keys could not be fetched or understood. */
function isTokenFault(error: unknown): boolean {
  const isIssuers =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC');
  return error instanceof errors.JOSEError && !isIssuers;
}

/** The issuer's keys, fetched once and again when a token names an unknown key; a failed discovery is not kept. */
function keySet(issuer: string): Promise<JWTVerifyGetKey> {
  let keys = keySets.get(issuer);
  if (!keys) {
    keys = discover(issuer);
    keySets.set(issuer, keys);
    keys.catch(() => keySets.delete(issuer));
  }
  return keys;
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5_000),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
  const { issuer: name, jwks_uri } = discoverySchema.parse(await response.json());
  if (!namesOf(issuer).includes(name)) throw new Error('the document found at AUTH_ISSUER is of another issuer');
  const keysUrl = new URL(jwks_uri);
  // Keys that crossed a network in clear could be anybody's. Only an issuer on this machine may be without TLS.
  if (issuer.startsWith('https:') && keysUrl.protocol !== 'https:')
    throw new Error("the issuer's keys are not on https");
  return createRemoteJWKSet(keysUrl, { timeoutDuration: 5_000, cooldownDuration: 1_000 });
}

/** Entra ID's first version writes its name with a slash at the end; the setting has none. */
function namesOf(issuer: string): string[] {
  return [issuer, `${issuer}/`];
}

function unauthorized(detail: string): ProblemError {
  return new ProblemError(401, 'unauthorized', detail);
}

function issuerUnavailable(): ProblemError {
  return new ProblemError(503, 'issuer_unavailable', "The token issuer's keys cannot be read now; try again.", {
    retryAfterSeconds: 5,
  });
}
