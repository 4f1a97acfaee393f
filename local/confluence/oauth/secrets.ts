import { createHash, randomBytes } from 'node:crypto';

/** What is stored of a code or token: never the value. */
export function hashSecret(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

/** An opaque token of a realistic length: Atlassian's are long JWTs, and what stores them must cope with that. */
export function newToken(kind: 'access' | 'refresh'): string {
  const bytes = kind === 'access' ? 1_200 : 700;
  return `eyJ${randomBytes(30).toString('base64url')}.${randomBytes(bytes).toString('base64url')}.${randomBytes(64).toString('base64url')}`;
}

export function newCode(): string {
  return `eyJ${randomBytes(240).toString('base64url')}`;
}
