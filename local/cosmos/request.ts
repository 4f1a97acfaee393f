import type { IncomingMessage } from 'node:http';
import { badRequest, CosmosError } from './errors.ts';
import type { Json } from './json.ts';

/** What a request's path names: `/dbs/{database}/colls/{container}/docs/{id}` or a part of it. */
export interface Route {
  database?: string;
  container?: string;
  item?: string;
  /** The list or service asked for: '', 'dbs', 'colls', 'docs', 'pkranges', …; undefined when the path ends with an id. */
  feed: string | undefined;
}

/** The largest body the service takes is a batch of 2 MB; what is around the items needs a little room. */
const MOST_BYTES = 2.5 * 1024 * 1024;

/**
 * Splits a raw path. Each id is decoded once, so an id that itself holds `%2F` stays whole. The API has no query strings, and
 * the client sends a '?' of an id as it is.
 */
export function parseRoute(url: string): Route {
  const parts = url
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const route: Route = { feed: undefined };
  const [dbs, database, colls, container, docs, item, ...rest] = parts;
  if (dbs === undefined) return { feed: '' };
  if (rest.length > 0) return { feed: parts.join('/') };
  if (dbs !== 'dbs' || database === undefined) return { feed: dbs };
  route.database = database;
  if (colls === undefined) return route;
  if (colls !== 'colls' || container === undefined) return { ...route, feed: colls };
  route.container = container;
  if (docs === undefined) return route;
  if (docs !== 'docs' || item === undefined) return { ...route, feed: docs };
  return { ...route, item };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest('The path of the request is not well encoded.');
  }
}

export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Any key is accepted, as long as the header has the form that the service wants. Throws 401. */
export function checkAuthorization(request: IncomingMessage): void {
  const value = header(request, 'authorization') ?? '';
  let decoded = '';
  try {
    decoded = decodeURIComponent(value);
  } catch {
    // Answered below: not of the wanted form.
  }
  if (/^type=(master|resource|aad)&ver=1\.0&sig=.+$/.test(decoded)) return;
  throw new CosmosError(
    401,
    'The authorization header is missing or malformed; expected type=master|resource|aad&ver=1.0&sig=…, URL encoded.',
  );
}

/** Reads a JSON body; undefined without one. Throws 400 and 413. */
export async function readJson(request: IncomingMessage): Promise<Json | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read to the end all the same: a client that is still writing would not see the answer.
    if (bytes <= MOST_BYTES) chunks.push(chunk);
  }
  if (bytes > MOST_BYTES) throw new CosmosError(413, 'Request size is too large');
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as Json;
  } catch {
    throw badRequest('The request body is not JSON.');
  }
}
