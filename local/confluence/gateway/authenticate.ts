import { type Answer, type Exchange, json } from '../http/exchange.ts';
import { hashSecret } from '../oauth/secrets.ts';
import type { Simulator } from '../simulator.ts';

/** Who calls, as the token says. */
export interface Caller {
  clientId: string;
  accountId: string;
  scopes: string[];
}

/** The caller, or the gateway's refusal of the token. */
export function authenticate(simulator: Simulator, exchange: Exchange): Caller | Answer {
  const { database, clock, settings } = simulator;
  const token = /^Bearer (.+)$/i.exec(exchange.headers.authorization ?? '')?.[1];
  if (!token) return unauthorized();
  const hash = hashSecret(token);
  exchange.notes.tokenHash = hash;
  const stored = database.get<{ clientId: string; accountId: string; scopes: string; expiresAt: number }>(
    'SELECT clientId, accountId, scopes, expiresAt FROM accessToken WHERE hash = ?',
    hash,
  );
  if (!stored) return unauthorized();
  if (stored.expiresAt <= clock.now()) {
    return settings.switches.tokens.expiredAnswer === 'odd' ? oddExpired(exchange.path) : unauthorized();
  }
  const live = database.get<{ scopes: string }>(
    `SELECT g.scopes FROM oauthGrant g JOIN account a USING (accountId)
     WHERE g.clientId = ? AND g.accountId = ? AND a.status = 'active'`,
    stored.clientId,
    stored.accountId,
  );
  if (!live) return unauthorized();
  // One grant per user and app: a later consent with fewer scopes also narrows the tokens that are already out.
  const granted = live.scopes.split(' ');
  const scopes = stored.scopes.split(' ').filter((scope) => granted.includes(scope));
  return { clientId: stored.clientId, accountId: stored.accountId, scopes };
}

function unauthorized(): Answer {
  return json(401, { code: 401, message: 'Unauthorized' });
}

function oddExpired(path: string): Answer {
  return path.includes('/wiki/rest/')
    ? json(403, { statusCode: 403, data: { authorized: false, valid: true, errors: [] }, message: 'Forbidden' })
    : json(404, { errors: [{ status: 404, code: 'NOT_FOUND', title: 'Not Found', detail: null }] });
}
