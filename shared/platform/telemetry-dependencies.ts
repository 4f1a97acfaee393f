import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { Metrics } from './telemetry-metrics.ts';

/** Which of the services we depend on has this origin. */
type SystemOf = (origin: string) => string;

interface Exchange {
  readonly span: Span;
  readonly system: string;
  readonly startedAt: number;
  readonly container: string | undefined;
}

interface Started {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
}

/**
 * Makes a span for every HTTP request that is sent on behalf of an invocation, whoever sends it: Azure's clients use
 * Node's `http`, ours for Atlassian is undici, and both tell of their requests on diagnostics channels. So no client is
 * wrapped and none is forgotten. A span holds the method, the host and the path without its ids; never a query, a
 * header or a body.
 */
export function traceDependencies(tracer: Tracer, metrics: Metrics, env: Record<string, string | undefined>): void {
  const systemOf = systems(env);
  const exchanges = new WeakMap<object, Exchange>();

  const start = (request: object, { method, origin, path }: Started) => {
    const active = context.active();
    if (!trace.getSpan(active) || isTracingSuppressed(active)) return;
    const system = systemOf(origin);
    const { hostname, port, protocol } = new URL(origin);
    const template = pathTemplate(system, path);
    const span = tracer.startSpan(`${method} ${system} ${template}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': method,
        'server.address': hostname,
        'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
        'url.template': template,
        'confluence.system': system,
      },
    });
    exchanges.set(request, { span, system, startedAt: performance.now(), container: containerOf(system, path) });
  };
  const answer = (request: object, status: number, header: (name: string) => string | undefined) => {
    const exchange = exchanges.get(request);
    if (!exchange) return;
    const { span, system, container } = exchange;
    span.setAttribute('http.response.status_code', status);
    if (isFailure(system, status)) span.setStatus({ code: SpanStatusCode.ERROR });
    const units = Number(header('x-ms-request-charge') ?? Number.NaN);
    if (Number.isFinite(units)) {
      span.setAttribute('azure.cosmosdb.operation.request_charge', units);
      metrics.requestUnits(units, { container: container ?? 'account' });
    }
    const remaining = Number(header('x-ratelimit-remaining') ?? Number.NaN);
    const limit = Number(header('x-ratelimit-limit') ?? Number.NaN);
    if (system === 'atlassian-api' && remaining >= 0 && limit > 0) metrics.quotaRemaining(remaining / limit);
    metrics.dependency(performance.now() - exchange.startedAt, {
      system,
      outcome: isFailure(system, status) ? 'failed' : 'ok',
    });
  };
  const end = (request: object, error?: unknown) => {
    const exchange = exchanges.get(request);
    if (!exchange) return;
    exchanges.delete(request);
    if (error !== undefined) {
      const { code, name } = error as { code?: string; name?: string };
      exchange.span.setAttribute('error.type', code ?? name ?? 'error');
      exchange.span.setStatus({ code: SpanStatusCode.ERROR });
      const { system, startedAt } = exchange;
      metrics.dependency(performance.now() - startedAt, { system, outcome: 'failed' });
    }
    exchange.span.end();
  };

  on<{ request: ClientRequest }>('http.client.request.created', ({ request }) =>
    start(request, {
      method: request.method,
      origin: `${request.protocol}//${request.getHeader('host') ?? request.host}`,
      path: request.path,
    }),
  );
  on<{ request: ClientRequest; response: IncomingMessage }>('http.client.response.finish', ({ request, response }) => {
    answer(request, response.statusCode ?? 0, (name) => single(response.headers[name]));
    end(request);
  });
  on<{ request: ClientRequest; error: unknown }>('http.client.request.error', ({ request, error }) =>
    end(request, error),
  );

  on<{ request: { origin: string | URL; path: string; method: string } }>('undici:request:create', ({ request }) =>
    start(request, { method: request.method, origin: String(request.origin), path: request.path }),
  );
  on<{ request: object; response: { statusCode: number; headers: Buffer[] } }>(
    'undici:request:headers',
    ({ request, response }) => answer(request, response.statusCode, (name) => rawHeader(response.headers, name)),
  );
  on<{ request: object }>('undici:request:trailers', ({ request }) => end(request));
  on<{ request: object; error: unknown }>('undici:request:error', ({ request, error }) => end(request, error));
}

function on<T>(channel: string, listener: (message: T) => void): void {
  subscribe(channel, (message) => {
    try {
      listener(message as T);
    } catch {
      // The message is published from inside somebody's request, which must not fail for it.
    }
  });
}

/**
 * Conflicts and absences are part of how the stores are used; refusals and outages are not. A vault answers the first
 * request of a process 401 to say where its token comes from.
 */
function isFailure(system: string, status: number): boolean {
  if (status === 401) return system !== 'keyvault';
  return status >= 500 || [403, 408, 429].includes(status);
}

function systems(env: Record<string, string | undefined>): SystemOf {
  const known = new Map<string, string>();
  const add = (url: string | undefined, system: string) => {
    if (url && URL.canParse(url)) known.set(new URL(url).origin, system);
  };
  add(env.ATLASSIAN_AUTH_URL || 'https://auth.atlassian.com', 'atlassian-auth');
  add(env.ATLASSIAN_API_URL || 'https://api.atlassian.com', 'atlassian-api');
  add(env.COSMOS_ENDPOINT, 'cosmosdb');
  add(env.KEY_VAULT_URL, 'keyvault');
  add(env.AzureWebJobsStorage__queueServiceUri, 'queues');
  add(/QueueEndpoint=([^;]+)/.exec(env.AzureWebJobsStorage ?? '')?.[1], 'queues');
  add(env.IDENTITY_ENDPOINT, 'identity');
  add(env.AUTH_ISSUER, 'issuer');
  return (origin) => known.get(URL.canParse(origin) ? new URL(origin).origin : origin) ?? 'other';
}

/** Cosmos DB serves one container under `/dbs/{database}/colls/{container}`. */
function containerOf(system: string, path: string): string | undefined {
  return system === 'cosmosdb' ? /^\/dbs\/[^/]+\/colls\/([^/?]+)/.exec(path)?.[1] : undefined;
}

/** Words of an API stay, ids go: `/wiki/api/v2/pages/{id}`. What stands after these words is always an id. */
function pathTemplate(system: string, path: string): string {
  const segments = (path.split('?')[0] ?? '').split('/');
  return segments
    .map((segment, index) => {
      const before = segments[index - 1] ?? '';
      const isId = !/^([a-z]+(-[a-z]+)*|v\d+)?$/i.test(segment) || segment.length > 40;
      const follows =
        (system === 'atlassian-api' && before === 'confluence') ||
        (system === 'cosmosdb' && before === 'docs') ||
        (system === 'keyvault' && index > 1);
      return isId || (follows && segment !== '') ? '{id}' : segment;
    })
    .join('/');
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** undici gives headers as a flat list of names and values. */
function rawHeader(headers: readonly Buffer[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (String(headers[index]).toLowerCase() === name) return String(headers[index + 1]);
  }
  return undefined;
}
