import { z } from 'zod';
import { type Answer, type Exchange, json } from '../http/exchange.ts';
import { parseJson } from '../http/parse-json.ts';
import type { Simulator } from '../simulator.ts';
import { findGrant, issueTokens, startFamily } from './grants.ts';
import { hashSecret } from './secrets.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `POST /oauth/token`: exchanges a code or rotates a refresh token. JSON and form bodies are both accepted. */
export async function answerToken(simulator: Simulator, exchange: Exchange): Promise<Answer> {
  const fields = readFields(exchange.headers['content-type'] ?? '', await exchange.body());
  if (!fields) return oauthError(400, 'invalid_request', 'The body is neither a JSON object of texts nor a form.');
  const { clientId, clientSecret } = simulator.app.current;
  if (fields.client_id !== clientId || fields.client_secret !== clientSecret) {
    return oauthError(401, 'access_denied', 'Unauthorized');
  }
  if (fields.grant_type === 'authorization_code') return exchangeCode(simulator, fields);
  if (fields.grant_type === 'refresh_token') return rotate(simulator, fields.refresh_token ?? '');
  return oauthError(403, 'unsupported_grant_type', `Unsupported grant type: ${fields.grant_type ?? ''}`);
}

function exchangeCode(simulator: Simulator, fields: Fields): Answer {
  const { database, clock, settings } = simulator;
  const refused = () => {
    const status = settings.switches.tokens.badCodeStatus;
    return oauthError(status, status === 400 ? 'invalid_request' : 'invalid_grant', 'Invalid authorization code');
  };
  const hash = hashSecret(fields.code ?? '');
  const code = database.get<{ accountId: string; redirectUri: string; scopes: string; expiresAt: number }>(
    'SELECT * FROM oauthCode WHERE hash = ? AND used = 0',
    hash,
  );
  if (!code || code.expiresAt <= clock.now() || code.redirectUri !== fields.redirect_uri) return refused();
  database.run('UPDATE oauthCode SET used = 1 WHERE hash = ?', hash);
  return tokenAnswer(startFamily(simulator, code.accountId, code.scopes.split(' ')));
}

interface StoredRefreshToken {
  family: string;
  issuedAt: number;
  rotatedAt: number | null;
  clientId: string;
  accountId: string;
  dead: number;
}

function rotate(simulator: Simulator, refreshToken: string): Answer {
  const { database, clock, settings } = simulator;
  const { leewaySeconds, inactivityDays } = settings.switches.tokens;
  const hash = hashSecret(refreshToken);
  const stored = database.get<StoredRefreshToken>(
    'SELECT r.*, f.clientId, f.accountId, f.dead FROM refreshToken r JOIN tokenFamily f USING (family) WHERE hash = ?',
    hash,
  );
  const now = clock.now();
  if (!stored || stored.dead || now - stored.issuedAt > inactivityDays * DAY_MS) return badRefreshToken(simulator);
  if (stored.rotatedAt !== null && now - stored.rotatedAt > leewaySeconds * 1000) {
    // Reuse after the leeway looks like theft: nobody who holds a token of this family may refresh again.
    database.run('UPDATE tokenFamily SET dead = 1 WHERE family = ?', stored.family);
    return badRefreshToken(simulator);
  }
  const grant = findGrant(simulator, stored.clientId, stored.accountId);
  if (!grant || !isActive(simulator, stored.accountId)) return badRefreshToken(simulator);
  return database.transaction(() => {
    if (stored.rotatedAt === null) database.run('UPDATE refreshToken SET rotatedAt = ? WHERE hash = ?', now, hash);
    return tokenAnswer(issueTokens(simulator, stored.family, stored.accountId, grant.scopes.split(' ')));
  });
}

function isActive({ database }: Simulator, accountId: string): boolean {
  return database.get("SELECT 1 FROM account WHERE accountId = ? AND status = 'active'", accountId) !== undefined;
}

function badRefreshToken({ settings }: Simulator): Answer {
  return settings.switches.tokens.badRefreshAnswer === 'documented'
    ? oauthError(403, 'invalid_grant', 'Unknown or invalid refresh token.')
    : oauthError(403, 'unauthorized_client', 'refresh_token is invalid');
}

function oauthError(status: number, error: string, description: string): Answer {
  return json(status, { error, error_description: description });
}

function tokenAnswer(tokens: object): Answer {
  return json(200, tokens, { 'cache-control': 'no-store' });
}

const fieldsSchema = z.object({
  grant_type: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  code: z.string().nullish(),
  redirect_uri: z.string().optional(),
  refresh_token: z.string().optional(),
});
type Fields = z.infer<typeof fieldsSchema>;

function readFields(contentType: string, body: string): Fields | undefined {
  const isForm = contentType.startsWith('application/x-www-form-urlencoded');
  return fieldsSchema.safeParse(isForm ? Object.fromEntries(new URLSearchParams(body)) : parseJson(body)).data;
}
