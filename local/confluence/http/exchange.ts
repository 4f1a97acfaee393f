import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Ways in which a listing of the real service has been seen, or must be feared, to go wrong. */
export const LISTING_TRAPS = [
  'truncated-listing',
  'repeated-cursor',
  'empty-next',
  'unordered',
  'short-page',
  'overlapping-pages',
] as const;
export type ListingTrap = (typeof LISTING_TRAPS)[number];

/** One request on its way through the simulator. */
export interface Exchange {
  readonly method: string;
  /** The path as sent, undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query string as sent, without the question mark. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
  /** The whole body as text; answers the same text when asked twice. */
  body(): Promise<string>;
  /** Set by a fault rule: how a listing answered by this request goes wrong. */
  listingTrap?: ListingTrap;
  /** What the request log keeps besides the request line; filled in on the way. */
  readonly notes: { cloudId?: string; points?: number; objects?: number; tokenHash?: string };
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | AsyncIterable<string> | Iterable<string>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;

export function toExchange(request: IncomingMessage): Exchange {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  let body: Promise<string> | undefined;
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers: request.headers,
    body: () => {
      body ??= readBody(request);
      return body;
    },
    notes: {},
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`request body over ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function html(status: number, text: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body: text };
}

export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers };
}
