import { request } from 'undici';
import type { Deps } from '../platform/deps.ts';
import { SecretText } from '../platform/secret-text.ts';
import { AtlassianError } from './errors.ts';

/** What a call to Atlassian may look like: reads, the token endpoint and the two reads in a POST's clothes. */
export interface AtlassianRequest {
  readonly method: 'GET' | 'POST';
  /** Absolute, on `ATLASSIAN_AUTH_URL` or `ATLASSIAN_API_URL`; never a URL out of an answer. */
  readonly url: string;
  readonly token?: SecretText;
  /** Members that are `SecretText` are revealed here and nowhere else. */
  readonly json?: Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer of any status. The body is text: Atlassian's errors are JSON, HTML, XML or nothing. */
export interface AtlassianAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Atlassian's own id of the request, for its support. */
  readonly traceId: string | undefined;
}

/**
 * The one place that sends a token, a code or the client secret. Follows no redirect, so a token never reaches a host
 * that we did not name; refuses every host but the two configured ones.
 *
 * @throws {AtlassianError} `outage` when there is no answer (refused, reset, timed out), `too_large` when the body
 * exceeds `ATLASSIAN_MAX_BODY_MB`, which is cut off while reading.
 */
export async function sendToAtlassian(
  deps: Pick<Deps, 'settings' | 'atlassian'>,
  call: AtlassianRequest,
): Promise<AtlassianAnswer> {
  assertKnownHost(deps.settings, call.url);
  const timeoutMs = call.timeoutMs ?? deps.settings.ATLASSIAN_TIMEOUT_SECONDS * 1000;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(call.url, {
      dispatcher: deps.atlassian,
      method: call.method,
      headers: {
        accept: 'application/json',
        'user-agent': 'confluence-for-neo',
        ...(call.token ? { authorization: `Bearer ${SecretText.reveal(call.token)}` } : {}),
        ...(call.json ? { 'content-type': 'application/json' } : {}),
      },
      ...(call.json ? { body: JSON.stringify(revealMembers(call.json)) } : {}),
      signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
    });
    const headers = singleValues(answer.headers);
    return {
      status: answer.statusCode,
      headers,
      text: await readBounded(answer.body, deps.settings.ATLASSIAN_MAX_BODY_MB * 1024 * 1024),
      traceId: headers['atl-traceid'] ?? headers['x-trace-id'],
    };
  } catch (error) {
    if (error instanceof AtlassianError) throw error;
    // The cause stays out: undici's errors may carry the request's headers.
    throw new AtlassianError('outage', `no answer from Atlassian: ${networkReason(error)}`, {
      timedOut: timeout.aborted,
    });
  }
}

function assertKnownHost(settings: Deps['settings'], url: string): void {
  const { origin } = new URL(url);
  const known = [settings.ATLASSIAN_AUTH_URL, settings.ATLASSIAN_API_URL].map((base) => new URL(base).origin);
  if (!known.includes(origin)) throw new Error(`refused to call ${origin}: only Atlassian's own hosts are called`);
}

function revealMembers(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, value instanceof SecretText ? SecretText.reveal(value) : value]),
  );
}

function singleValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

async function readBounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new AtlassianError('too_large', `an answer exceeds ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function networkReason(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? 'unknown';
}
