import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits as base64url: an OAuth state or a completion. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is stored of a secret that somebody will present. It serves as an item's id: presenting a wrong value finds
 * nothing, and no comparison of secrets takes place whose time could tell how much of it was right.
 */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** A name that no Key Vault secret ever had: a deleted name stays taken until it is purged. */
export function freshSecretName(): string {
  return `confluence-${randomBytes(16).toString('hex')}`;
}
