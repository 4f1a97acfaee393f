import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { HttpFunction } from './bindings.ts';
import { cookieHeader } from './cookies.ts';
import type { HttpRequestData, HttpResponseData, TraceContext } from './core-types.ts';
import { httpStatus, type Invoker, newTraceContext } from './invoke.ts';
import { byPrecedence, matchRoute, splitPath } from './routes.ts';

const MAX_BODY_BYTES = 100 * 1024 * 1024;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/;
// The server sets these itself, from the bytes it sends.
const OWN_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade', 'trailer']);

export type HttpRoutes = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/**
 * Answers HTTP-triggered functions. A path that no function has, and a known one with another method, both answer 404
 * with an empty body: the method is a constraint of the route in the real host, which therefore never answers 405.
 */
export function createHttpRoutes(functions: readonly HttpFunction[], invoker: Invoker): HttpRoutes {
  const sorted = functions.filter((fn) => !fn.disabled).sort((a, b) => byPrecedence(a.route, b.route));
  return async (request, response, url) => {
    const match = findFunction(sorted, request.method ?? 'GET', url.pathname);
    if (!match) {
      request.resume();
      response.writeHead(404).end();
      return;
    }
    const body = await readBody(request, MAX_BODY_BYTES);
    if (!body) {
      // The rest of the body is not read, so the connection cannot be used again.
      response.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const outcome = await invoker.run({
      fn: match.fn,
      input: { http: toRequestData(request, url, match.params, body) },
      traceContext: traceContextOf(request.headers),
    });
    sendResponse(response, httpStatus(outcome), outcome.http);
  };
}

function findFunction(functions: readonly HttpFunction[], method: string, path: string) {
  const parts = splitPath(path);
  for (const fn of functions) {
    if (!fn.methods.includes(method)) continue;
    const params = matchRoute(fn.route, parts);
    if (params) return { fn, params };
  }
  return undefined;
}

/** @returns the bytes; undefined when there are more than `maxBytes` */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function toRequestData(
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
  body: Buffer,
): HttpRequestData {
  const data: HttpRequestData = {
    method: request.method ?? 'GET',
    url: url.href,
    headers: joinHeaders(request.headers),
    params,
    query: joinQuery(url.searchParams),
  };
  if (body.length > 0) data.body = { bytes: body };
  return data;
}

function joinHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return joined;
}

/** ASP.NET's query ignores the case of names, and the real host joins repeated values with a comma. */
function joinQuery(search: URLSearchParams): Record<string, string> {
  const joined: Record<string, string> = {};
  if (search.size === 0) return joined;
  const names = new Map<string, string>();
  for (const [name, value] of search) {
    const known = names.get(name.toLowerCase());
    if (known === undefined) {
      names.set(name.toLowerCase(), name);
      joined[name] = value;
    } else {
      joined[known] += `,${value}`;
    }
  }
  return joined;
}

function traceContextOf(headers: IncomingHttpHeaders): TraceContext {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return newTraceContext();
  return { traceParent: traceparent, traceState: String(tracestate ?? ''), attributes: {} };
}

function sendResponse(response: ServerResponse, status: number, data: HttpResponseData | undefined): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(data?.headers ?? {})) {
    if (!OWN_HEADERS.has(name)) response.setHeader(name, value);
  }
  if (data?.cookies?.length) response.setHeader('set-cookie', data.cookies.map(cookieHeader));
  const bytes = data?.body?.bytes;
  if (status !== 204 && status !== 304) response.setHeader('content-length', bytes?.length ?? 0);
  // A HEAD request gets the length of what GET would answer; Node leaves the bytes out.
  response.end(bytes);
}
