import { AtlassianError, type AtlassianErrorKind, type Throttle } from './errors.ts';
import type { AtlassianAnswer } from './send.ts';

/** Which of Atlassian's surfaces answered: the token end point has meanings of its own for the same status codes. */
export type Surface = 'token_endpoint' | 'api';

/**
 * Decides what a non-2xx answer means; the only place that does.
 * Shapes: `errors[]` of REST v2, `statusCode`/`message` of v1, `code`/`message` of the gateway, OAuth's `error`; some
 * answers are HTML, XML or empty. Source: Atlassian's documentation and recorded answers.
 *
 * @param now for relative times in `Retry-After`
 */
export function classify(answer: AtlassianAnswer, surface: Surface, now: Date): AtlassianError {
  const kind = surface === 'token_endpoint' ? tokenEndpointKind(answer) : apiKind(answer);
  return new AtlassianError(kind, describe(kind, answer, surface), {
    status: answer.status,
    traceId: answer.traceId,
    ...(kind === 'throttled' ? { throttle: readThrottle(answer, now) } : {}),
  });
}

function tokenEndpointKind({ status, text }: AtlassianAnswer): AtlassianErrorKind {
  if (status === 429) return 'throttled';
  if (status >= 500) return 'outage';
  const error = oauthError(text);
  // 401 access_denied is the answer to a wrong client secret. It says nothing about the customer's grant.
  if (status === 401 || error === 'access_denied' || error === 'invalid_client') return 'client_secret_invalid';
  // Documented as invalid_grant, measured as unauthorized_client; a used code is 400 invalid_request. The word counts, not
  // the status: a proxy's or a firewall's own 403 must never cost a customer the connection.
  if (error === 'invalid_grant' || error === 'unauthorized_client') return 'grant_rejected';
  return error === undefined ? 'malformed' : 'bad_request';
}

function apiKind({ status, headers, text }: AtlassianAnswer): AtlassianErrorKind {
  if (headers['atlassian-datasecuritypolicy']?.includes('app_access_blocked')) return 'app_blocked';
  if (status === 429) return 'throttled';
  if (status === 401) return /scope does not match/i.test(text) ? 'scope_missing' : 'token_rejected';
  if (status === 403) return /not permitted to use confluence/i.test(text) ? 'access_lost' : 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 410) return 'gone';
  if (status === 413) return 'too_large';
  if (status === 408 || status === 425 || status >= 500) return 'outage';
  // 2xx without the documented form, and redirects, which are never followed.
  if (status < 400) return 'malformed';
  return 'bad_request';
}

function oauthError(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads when a 429 ends. A spent quota ends at the later of `Retry-After` (seconds or an HTTP date; `0` and absence
 * occur) and `X-RateLimit-Reset` (ISO 8601); a burst limit knows only `Retry-After`, because the reset header still
 * names the hour. The reason header has several spellings, so it is matched loosely.
 */
export function readThrottle({ headers }: Pick<AtlassianAnswer, 'headers'>, now: Date): Throttle {
  const reason = headers['ratelimit-reason'] ?? '';
  const quota = /quota|global|tenant/i.test(reason) && !/burst/i.test(reason);
  const times = [retryAfter(headers['retry-after'], now), quota ? isoDate(headers['x-ratelimit-reset']) : undefined];
  const latest = Math.max(...times.map((time) => time?.getTime() ?? 0));
  // A time that is not in the future says nothing: acting on it would make every caller retry at once.
  return { quota, resumeAt: latest > now.getTime() ? new Date(latest) : undefined };
}

function retryAfter(value: string | undefined, now: Date): Date | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return new Date(now.getTime() + Number(value) * 1000);
  return isoDate(value);
}

function isoDate(value: string | undefined): Date | undefined {
  const time = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(time) ? undefined : new Date(time);
}

/**
 * Confluence's own words for a refused request help an agent to mend it; everything else keeps to status and kind. The
 * token end point is never quoted: its words may repeat the token or code that it refuses.
 */
function describe(kind: AtlassianErrorKind, { status, text }: AtlassianAnswer, surface: Surface): string {
  const said = kind === 'bad_request' && surface === 'api' ? `: ${confluenceMessage(text)}` : '';
  return `Atlassian answered ${status} (${kind})${said}`;
}

function confluenceMessage(text: string): string {
  try {
    const body = JSON.parse(text) as { message?: unknown; errors?: { title?: unknown; detail?: unknown }[] };
    const first = body.errors?.[0];
    const words = [body.message, first?.title, first?.detail].filter((word) => typeof word === 'string');
    return words.join(' ').slice(0, 300);
  } catch {
    return 'no reason given';
  }
}
