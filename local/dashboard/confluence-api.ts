/**
 * How a dashboard backend calls the API: one page of code to copy from.
 *
 * - The token comes from the identity provider and stays on the server; no browser ever sees it. Here the local OIDC
 *   issuer signs it; in Azure it is Entra ID's client credentials grant, and only {@link fetchToken} differs.
 * - It is used until shortly before it expires; callers at the same moment share one request for a new one.
 * - A 401 may mean that the issuer has rotated its keys: once with a fresh token, then it is the caller's answer.
 * - Problems (`application/problem+json`) are passed on as they are: their `detail` is written for people.
 */

export interface ConfluenceApi {
  /**
   * Calls `{functionsUrl}/api/tenants/{tenantId}{path}`; `path` is encoded and begins with a slash. Answers with whatever
   * the API answered, or with 502 `confluence_app_unreachable`.
   */
  call(tenantId: string, method: string, path: string, json?: string): Promise<Response>;
}

export interface ConfluenceApiOptions {
  readonly functionsUrl: string;
  readonly issuerUrl: string;
}

interface Token {
  readonly value: string;
  readonly expiresAt: number;
}

const TIMEOUT_MS = 60_000;
const RENEW_BEFORE_MS = 60_000;

export function createConfluenceApi({ functionsUrl, issuerUrl }: ConfluenceApiOptions): ConfluenceApi {
  let token: Promise<Token> | undefined;

  /** The token in hand, or a new one when it is about to expire or was just `rejected`. */
  async function getToken(rejected?: string): Promise<string> {
    const before = token;
    const known = await before?.catch(() => undefined);
    if (known && known.value !== rejected && known.expiresAt - RENEW_BEFORE_MS > Date.now()) return known.value;
    // Unless somebody else was faster, while this call waited.
    if (token === before || !token) token = fetchToken(issuerUrl);
    return (await token).value;
  }

  async function send(url: string, method: string, json: string | undefined): Promise<Response> {
    const withToken = (value: string) =>
      fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${value}`,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(json === undefined ? {} : { body: json }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    const value = await getToken();
    const answer = await withToken(value);
    if (answer.status !== 401) return answer;
    await answer.body?.cancel();
    return withToken(await getToken(value));
  }

  return {
    async call(tenantId, method, path, json) {
      try {
        return await send(`${functionsUrl}/api/tenants/${encodeURIComponent(tenantId)}${path}`, method, json);
      } catch (error) {
        console.error(`dashboard: ${method} ${path}: ${(error as Error).message}`);
        const detail = 'The Confluence application does not answer at the moment. Try again shortly.';
        return Response.json(
          { title: 'confluence_app_unreachable', status: 502, code: 'confluence_app_unreachable', detail },
          { status: 502, headers: { 'content-type': 'application/problem+json' } },
        );
      }
    },
  };
}

/** The local issuer's form of the client credentials grant. */
async function fetchToken(issuerUrl: string): Promise<Token> {
  const response = await fetch(`${issuerUrl}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ subject: 'sample-dashboard', roles: ['Confluence.Manage.All'] }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the issuer answered ${response.status} to a request for a token`);
  const { access_token, expires_in } = (await response.json()) as { access_token: string; expires_in: number };
  return { value: access_token, expiresAt: Date.now() + expires_in * 1000 };
}
