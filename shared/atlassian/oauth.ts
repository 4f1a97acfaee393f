import type { Deps } from '../platform/deps.ts';
import { SecretText } from '../platform/secret-text.ts';
import { classify } from './classify.ts';
import { AtlassianError } from './errors.ts';
import { tokenSchema } from './schemas.ts';
import { sendToAtlassian } from './send.ts';

type OAuthDeps = Pick<Deps, 'settings' | 'atlassian' | 'now'>;

/** Tokens as Atlassian just issued them. Opaque; the life of the access token is what `expiresAt` says. */
export interface IssuedTokens {
  readonly accessToken: SecretText;
  readonly refreshToken: SecretText;
  readonly expiresAt: Date;
  readonly scopes: readonly string[];
}

/** The address of our own callback, registered with the Atlassian app and matched there to the letter. */
function callbackUrl(settings: Pick<Deps['settings'], 'PUBLIC_URL'>): string {
  return `${settings.PUBLIC_URL}/api/confluence/callback`;
}

/** Where the person signs in and consents. All parameters are required by Atlassian's documentation of 3LO. */
export function authorizeUrl(settings: Deps['settings'], state: string): string {
  const url = new URL(`${settings.ATLASSIAN_AUTH_URL}/authorize`);
  url.search = new URLSearchParams({
    audience: 'api.atlassian.com',
    client_id: settings.ATLASSIAN_CLIENT_ID,
    scope: settings.ATLASSIAN_SCOPES.join(' '),
    redirect_uri: callbackUrl(settings),
    state,
    response_type: 'code',
    prompt: 'consent',
  }).toString();
  return url.href;
}

/** Exchanges an authorization code, which is good once and for minutes. Throws {@link AtlassianError}. */
export function exchangeCode(deps: OAuthDeps, code: SecretText): Promise<IssuedTokens> {
  return requestTokens(deps, { grant_type: 'authorization_code', code, redirect_uri: callbackUrl(deps.settings) });
}

/**
 * Exchanges a refresh token for new tokens; Atlassian disables the used one, except for a leeway of ten minutes in
 * which it may be exchanged again. Throws {@link AtlassianError} `grant_rejected` when it is not known any more.
 */
export function exchangeRefreshToken(deps: OAuthDeps, refreshToken: SecretText): Promise<IssuedTokens> {
  return requestTokens(deps, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

async function requestTokens(deps: OAuthDeps, grant: Record<string, unknown>): Promise<IssuedTokens> {
  const requestedAt = deps.now();
  const answer = await sendToAtlassian(deps, {
    method: 'POST',
    url: `${deps.settings.ATLASSIAN_AUTH_URL}/oauth/token`,
    json: {
      client_id: deps.settings.ATLASSIAN_CLIENT_ID,
      client_secret: deps.settings.ATLASSIAN_CLIENT_SECRET,
      ...grant,
    },
    timeoutMs: 20_000,
  });
  if (answer.status !== 200) throw classify(answer, 'token_endpoint', deps.now());
  const issued = parseTokens(answer.text);
  return {
    accessToken: new SecretText(issued.access_token),
    refreshToken: new SecretText(issued.refresh_token),
    expiresAt: new Date(requestedAt.getTime() + issued.expires_in * 1000),
    scopes: issued.scope.split(' ').filter((scope) => scope !== ''),
  };
}

/** The answer's text never reaches an error: it holds tokens. */
function parseTokens(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AtlassianError('malformed', 'the token end point answered 200 without JSON');
  }
  const parsed = tokenSchema.required({ refresh_token: true }).safeParse(value);
  if (!parsed.success) {
    const members = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new AtlassianError('malformed', `the token end point's answer lacks: ${members}`);
  }
  return parsed.data;
}
