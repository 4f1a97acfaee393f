import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { idSchema } from '../platform/ids.ts';

const KEY = /^cfn_([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([0-9a-f]{16})\.([A-Za-z0-9_-]{43})$/;

/** Who a key says it belongs to, before anybody has checked its secret. */
export interface ParsedKey {
  readonly tenantId: string;
  readonly agentId: string;
  readonly keyId: string;
  readonly secret: string;
}

/**
 * Makes a key: `cfn_{tenant}.{agent}.{keyId}.{secret}`, tenant and agent in base64url, so that one point read finds the
 * agent. The prefix lets secret scanners recognise it. The secret has 256 random bits, hence a plain hash is enough to
 * store it.
 */
export function newKey(tenantId: string, agentId: string): { key: string; keyId: string; hash: string } {
  const keyId = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { key: `cfn_${encode(tenantId)}.${encode(agentId)}.${keyId}.${secret}`, keyId, hash: hashOf(secret) };
}

/** Reads a key's parts; `undefined` for anything that {@link newKey} cannot have written. */
export function parseKey(key: string): ParsedKey | undefined {
  const [, tenant, agent, keyId, secret] = KEY.exec(key) ?? [];
  if (!tenant || !agent || !keyId || !secret) return undefined;
  const tenantId = decode(tenant);
  const agentId = decode(agent);
  if (tenantId === undefined || agentId === undefined) return undefined;
  return { tenantId, agentId, keyId, secret };
}

/** SHA-256 of a key's secret, base64url: what is stored of it. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Compares a secret with a stored hash in constant time. */
export function matches(secret: string, hash: string): boolean {
  const given = Buffer.from(hashOf(secret));
  const stored = Buffer.from(hash);
  return given.length === stored.length && timingSafeEqual(given, stored);
}

function encode(id: string): string {
  return Buffer.from(id, 'utf8').toString('base64url');
}

/** Node decodes leniently; only the one canonical spelling of a valid id counts. */
function decode(text: string): string | undefined {
  const id = Buffer.from(text, 'base64url').toString('utf8');
  return encode(id) === text && idSchema.safeParse(id).success ? id : undefined;
}
