import { randomUUID } from 'node:crypto';
import { placeholders } from '../database.ts';
import type { Simulator } from '../simulator.ts';
import { hashSecret, newCode, newToken } from './secrets.ts';

export interface TokenAnswer {
  access_token: string;
  expires_in: number;
  token_type: 'Bearer';
  scope: string;
  refresh_token?: string;
}

export interface Grant {
  clientId: string;
  accountId: string;
  scopes: string;
}

/**
 * Records that a user said yes. One grant per user and app: the scopes of the former one are replaced, the sites
 * accumulate.
 */
export function recordGrant(
  { database, clock, app }: Simulator,
  grant: { accountId: string; scopes: readonly string[]; sites: readonly number[] },
): void {
  const { clientId } = app.current;
  database.transaction(() => {
    database.run(
      'INSERT OR REPLACE INTO oauthGrant (clientId, accountId, scopes, grantedAt) VALUES (?, ?, ?, ?)',
      clientId,
      grant.accountId,
      grant.scopes.join(' '),
      clock.now(),
    );
    for (const site of grant.sites) {
      database.run('INSERT OR IGNORE INTO grantSite VALUES (?, ?, ?)', clientId, grant.accountId, site);
    }
  });
}

export function findGrant({ database }: Simulator, clientId: string, accountId: string): Grant | undefined {
  return database.get<Grant>('SELECT * FROM oauthGrant WHERE clientId = ? AND accountId = ?', clientId, accountId);
}

/** The user removes the app from their account, or from one site only. */
export function revokeGrant({ database, app }: Simulator, accountId: string, site?: number): boolean {
  const { clientId } = app.current;
  return database.transaction(() => {
    if (site !== undefined) {
      return (
        database.run(
          'DELETE FROM grantSite WHERE clientId = ? AND accountId = ? AND site = ?',
          clientId,
          accountId,
          site,
        ) > 0
      );
    }
    database.run('DELETE FROM grantSite WHERE clientId = ? AND accountId = ?', clientId, accountId);
    database.run('UPDATE tokenFamily SET dead = 1 WHERE clientId = ? AND accountId = ?', clientId, accountId);
    return database.run('DELETE FROM oauthGrant WHERE clientId = ? AND accountId = ?', clientId, accountId) > 0;
  });
}

/** A single-use authorization code. */
export function issueCode(
  { database, clock, settings, app }: Simulator,
  accountId: string,
  scopes: readonly string[],
  redirectUri: string,
): string {
  const code = newCode();
  database.run(
    'INSERT INTO oauthCode (hash, clientId, accountId, redirectUri, scopes, expiresAt) VALUES (?, ?, ?, ?, ?, ?)',
    hashSecret(code),
    app.current.clientId,
    accountId,
    redirectUri,
    scopes.join(' '),
    clock.now() + settings.switches.tokens.codeSeconds * 1000,
  );
  return code;
}

/** A first pair of tokens, in a token family of its own. */
export function startFamily(simulator: Simulator, accountId: string, scopes: readonly string[]): TokenAnswer {
  const family = randomUUID();
  simulator.database.run(
    'INSERT INTO tokenFamily (family, clientId, accountId) VALUES (?, ?, ?)',
    family,
    simulator.app.current.clientId,
    accountId,
  );
  return issueTokens(simulator, family, accountId, scopes);
}

/** Another pair of tokens in a family. Without `offline_access` there is no refresh token. */
export function issueTokens(
  { database, clock, settings, app }: Simulator,
  family: string,
  accountId: string,
  scopes: readonly string[],
): TokenAnswer {
  const { accessTokenSeconds } = settings.switches.tokens;
  const now = clock.now();
  const accessToken = newToken('access');
  const refreshToken = scopes.includes('offline_access') ? newToken('refresh') : undefined;
  database.transaction(() => {
    database.run(
      'INSERT INTO accessToken (hash, family, clientId, accountId, scopes, expiresAt) VALUES (?, ?, ?, ?, ?, ?)',
      hashSecret(accessToken),
      family,
      app.current.clientId,
      accountId,
      scopes.join(' '),
      now + accessTokenSeconds * 1000,
    );
    if (refreshToken) {
      database.run(
        'INSERT INTO refreshToken (hash, family, issuedAt) VALUES (?, ?, ?)',
        hashSecret(refreshToken),
        family,
        now,
      );
    }
  });
  return {
    access_token: accessToken,
    expires_in: accessTokenSeconds,
    token_type: 'Bearer',
    scope: scopes.join(' '),
    ...(refreshToken ? { refresh_token: refreshToken } : {}),
  };
}

/** Numbers of the sites with these cloudIds, in no order; unknown and removed ones are left out. */
export function siteNumbers({ database }: Simulator, cloudIds: readonly string[]): number[] {
  if (cloudIds.length === 0) return [];
  return database
    .all<{ site: number }>(
      `SELECT site FROM site WHERE removed = 0 AND cloudId IN (${placeholders(cloudIds)})`,
      ...cloudIds,
    )
    .map((row) => row.site);
}
