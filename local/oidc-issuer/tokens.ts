import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { z } from 'zod';
import type { SigningKey } from './keys.ts';

const DEFAULT_LIFETIME_SECONDS = 3600;

/**
 * What a caller may ask of a dashboard token. The second half makes tokens that a resource server must refuse; they
 * belong to one request, so tests that share an issuer do not disturb each other.
 */
export const tokenRequestSchema = z.strictObject({
  roles: z.array(z.string()).default([]),
  tenants: z.array(z.string()).optional(),
  audience: z.string().optional(),
  subject: z.string().default('dashboard'),
  /** Negative for a token that has expired. */
  expiresInSeconds: z.int().default(DEFAULT_LIFETIME_SECONDS),

  /** When it becomes valid, from now. */
  notBeforeSeconds: z.int().default(0),
  issuer: z.string().optional(),
  /** `HS256` is signed with the public key as the secret, the classic confusion of algorithms. */
  algorithm: z.enum(['RS256', 'PS256', 'RS512', 'HS256', 'none']).default('RS256'),
  /** `unknown`: signed with a key that is not in the JWKS, under its own `kid`; `forged`: under the real key's. */
  key: z.enum(['current', 'unknown', 'forged']).default('current'),
  /** Claims to leave out. */
  omit: z.array(z.enum(['iss', 'aud', 'iat', 'nbf', 'exp', 'sub', 'roles', 'tenants'])).default([]),
});

export type TokenRequest = z.infer<typeof tokenRequestSchema>;

export interface Signer {
  issuer: string;
  audience: string;
  current: SigningKey;
  /** A key that no JWKS ever shows. */
  stranger: SigningKey;
}

/** Signs the token that was asked for. */
export async function signToken(request: TokenRequest, signer: Signer): Promise<string> {
  const claims = claimsOf(request, signer);
  const { algorithm } = request;
  if (algorithm === 'none') return new UnsecuredJWT(claims).encode();
  const key = request.key === 'current' ? signer.current : signer.stranger;
  const kid = request.key === 'unknown' ? signer.stranger.kid : signer.current.kid;
  return new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' }).sign(keyFor(algorithm, key));
}

function keyFor(algorithm: TokenRequest['algorithm'], jwk: SigningKey) {
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  if (algorithm !== 'HS256') return privateKey;
  return Buffer.from(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
}

function claimsOf(request: TokenRequest, signer: Signer): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: request.issuer ?? signer.issuer,
    aud: request.audience ?? signer.audience,
    sub: request.subject,
    iat: now,
    nbf: now + request.notBeforeSeconds,
    exp: now + request.expiresInSeconds,
    jti: randomUUID(),
    roles: request.roles,
    ...(request.tenants === undefined ? {} : { tenants: request.tenants }),
  };
  const omitted: readonly string[] = request.omit;
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !omitted.includes(name)));
}
