import type { Deps } from '../platform/deps.ts';
import type { SecretText } from '../platform/secret-text.ts';
import { classify } from './classify.ts';
import { AtlassianError } from './errors.ts';
import { type AtlassianAnswer, sendToAtlassian } from './send.ts';

export type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

/** Supplies the connection's access token. `rejected` is a token that Atlassian just refused: never give it again. */
export type AccessTokenSource = (options?: { rejected?: SecretText }) => Promise<SecretText>;

/** What one answer cost and what it says about the points that are left. */
export interface Usage {
  /** As charged by the published price list: 1 a request, 1 an object, 2 an identity; 429 costs nothing. */
  readonly points: number;
  readonly answer: Pick<AtlassianAnswer, 'status' | 'headers'>;
}

export interface GatewayOptions {
  readonly deps: Pick<Deps, 'settings' | 'atlassian' | 'now'>;
  readonly cloudId: string;
  readonly accessToken: AccessTokenSource;
  /** Called once for every answer, also for failed ones, before the result is given out. */
  readonly onUsage?: (usage: Usage) => void;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A client of one site's REST API that can only read. */
export interface Gateway {
  /** GETs a path below `/wiki/` and gives the parsed JSON. Throws {@link AtlassianError}. */
  get(path: string, query?: Query): Promise<unknown>;
  /** `POST /users-bulk`: a read in spite of its verb. At most 250 ids. */
  usersBulk(accountIds: readonly string[]): Promise<unknown>;
}

const PATHS = /^\/wiki\/(api\/v2|rest\/api)\/[A-Za-z0-9/_-]+$/;

/**
 * Builds the client of one site, the only caller of Atlassian's product API. A path is checked against a plain
 * alphabet before a socket opens, so nothing of a caller's can change the host, the site or the verb.
 *
 * A 401 that is not a missing scope is answered by one fresh token and one retry, however new the token seemed: an
 * access token may be revoked early, and one vendor saw expired tokens answer oddly.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { deps, cloudId } = options;
  const base = `${deps.settings.ATLASSIAN_API_URL}/ex/confluence/${encodeURIComponent(cloudId)}`;

  async function attempt(
    method: 'GET' | 'POST',
    path: string,
    query: Query,
    json: Record<string, unknown> | undefined,
    token: SecretText,
  ): Promise<unknown> {
    const answer = await sendToAtlassian(deps, {
      method,
      url: `${base}${path}${queryString(query)}`,
      token,
      ...(json ? { json } : {}),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      signal: options.signal,
    });
    const parsed = answer.status === 200 ? parseJson(answer) : undefined;
    options.onUsage?.({ points: pointsOf(answer.status, parsed?.value, path), answer });
    if (answer.status !== 200) throw classify(answer, 'api', deps.now());
    if (!parsed) throw new AtlassianError('malformed', 'Atlassian answered 200 without JSON', { status: 200 });
    return parsed.value;
  }

  async function call(method: 'GET' | 'POST', path: string, query: Query, json?: Record<string, unknown>) {
    if (!PATHS.test(path)) throw new Error(`refused to request ${JSON.stringify(path)}: not a path of the REST API`);
    const token = await options.accessToken();
    try {
      return await attempt(method, path, query, json, token);
    } catch (error) {
      if (!(error instanceof AtlassianError && error.kind === 'token_rejected')) throw error;
      return attempt(method, path, query, json, await options.accessToken({ rejected: token }));
    }
  }

  return {
    get: (path, query = {}) => call('GET', path, query),
    usersBulk: (accountIds) => call('POST', '/wiki/api/v2/users-bulk', {}, { accountIds }),
  };
}

/** `undefined` members are left out; arrays become comma-separated, as REST v2 reads them. */
export function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function parseJson(answer: AtlassianAnswer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(answer.text) };
  } catch {
    return undefined;
  }
}

function pointsOf(status: number, value: unknown, path: string): number {
  if (status === 429) return 0;
  const results = (value as { results?: unknown } | null | undefined)?.results;
  if (!Array.isArray(results)) return status === 200 ? 2 : 1;
  return 1 + results.length * (path.endsWith('/users-bulk') ? 2 : 1);
}
