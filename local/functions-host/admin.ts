import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppFunction } from './bindings.ts';
import { hostVersion } from './core-module.ts';
import { readBody } from './http.ts';
import type { Outcome } from './invoke.ts';

const MAX_INPUT_BYTES = 1024 * 1024;

/** Runs a timer or queue function now. */
export type RunNow = (input: unknown) => Promise<Outcome>;

export interface AdminOptions {
  readonly functions: readonly AppFunction[];
  readonly runNow: ReadonlyMap<string, RunNow>;
  readonly state: () => 'Running' | 'Stopping';
}

/** Answers `/admin/...`. No key is asked for: the host listens on the loopback interface only. */
export function createAdmin(options: AdminOptions) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = url.pathname.replace(/\/$/, '');
    const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
    if (request.method === 'GET' && path === '/admin/functions') {
      reply(response, 200, options.functions.map(describe));
    } else if (request.method === 'GET' && path === '/admin/host/status') {
      reply(response, 200, { id: 'local', state: options.state(), version: hostVersion, processUptime: uptimeMs() });
    } else if (request.method === 'GET' && path === '/admin/host/ping') {
      reply(response, 200, {});
    } else if (request.method === 'POST' && name) {
      await runFunction(request, response, url, name, options);
    } else {
      reply(response, 404, { message: 'no such admin route' });
    }
  };
}

/**
 * `POST /admin/functions/{name}` with `{"input": …}`: 202 once the run has started, as on Azure. `?wait=true` is this
 * host's own: it answers when the run has ended, 200 or 500 with the error.
 */
async function runFunction(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  name: string,
  { functions, runNow }: AdminOptions,
): Promise<void> {
  const fn = functions.find((known) => known.name.toLowerCase() === name.toLowerCase());
  if (!fn) return reply(response, 404, { message: `no function is called "${name}"` });
  const run = runNow.get(fn.name);
  if (!run) return reply(response, 400, { message: `${fn.name} has an HTTP trigger; call its route` });
  // The real host answers 415 too. It also keeps web pages out: a browser asks first before it sends JSON elsewhere.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return reply(response, 415, { message: 'send content-type: application/json with a body like {"input": ""}' });
  }
  const input = parseInput(await readBody(request, MAX_INPUT_BYTES));
  if (!input) return reply(response, 400, { message: 'the body must be a JSON object like {"input": ""}' });
  const outcome = run(input.input ?? '');
  if (url.searchParams.get('wait') !== 'true') return reply(response, 202, undefined);
  const ended = await outcome;
  if ('error' in ended) return reply(response, 500, { message: messageOf(ended.error) });
  return reply(response, 200, {});
}

function parseInput(body: Buffer | undefined): { input?: unknown } | undefined {
  if (!body) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString() || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function describe(fn: AppFunction) {
  const bindings = Object.entries(fn.metadata.bindings).map(([name, binding]) => ({ ...binding, name }));
  return { name: fn.name, language: 'node', isDisabled: fn.disabled, config: { bindings } };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function uptimeMs(): number {
  return Math.round(process.uptime() * 1000);
}
