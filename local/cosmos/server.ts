import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, type Part } from '../part.ts';
import { badRequest, CosmosError } from './errors.ts';
import { sweep } from './items.ts';
import { isObject, type Json } from './json.ts';
import { checkAuthorization, parseRoute, readJson } from './request.ts';
import { type Answer, answer, type Context } from './routes.ts';
import { Store } from './store.ts';
import { Faults, Stats, type Subject } from './switches.ts';

export interface CosmosOptions {
  /** 0 picks a free port. */
  port: number;
  /** Undefined or ':memory:' keeps everything in memory. */
  dataDir?: string | undefined;
}

const SWEEP_INTERVAL_MS = 1000;
const SWEEP_SLICE = 500;

/**
 * Starts a Cosmos DB for NoSQL account with one key-authenticated endpoint over http, for the `@azure/cosmos` client. Nothing is
 * throttled unless a switch says so. Switches, outside the Cosmos DB API and without authentication:
 * `POST /_emulator/faults`, `DELETE /_emulator/faults`, `POST /_emulator/clock {offsetSeconds}`, `GET` and `DELETE /_emulator/stats`.
 */
export async function startCosmos(options: CosmosOptions): Promise<Part> {
  const store = new Store(options.dataDir);
  const context: Context = { store, faults: new Faults(), stats: new Stats() };
  const sweeper = setInterval(() => sweepAll(store), SWEEP_INTERVAL_MS);
  sweeper.unref();
  try {
    return await listen((request, response) => void handle(context, request, response), {
      port: options.port,
      onClose: () => {
        clearInterval(sweeper);
        store.close();
      },
    });
  } catch (error) {
    clearInterval(sweeper);
    store.close();
    throw error;
  }
}

async function handle(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const subject: Subject = { operation: 'metadata', container: '', id: '' };
  let result: Answer;
  try {
    const body = await readJson(request);
    const url = request.url ?? '/';
    if (url.startsWith('/_emulator/')) result = emulator(context, request.method ?? '', url, body);
    else {
      checkAuthorization(request);
      result = answer(context, request, parseRoute(url), body, subject);
    }
  } catch (error) {
    result = failure(error);
  }
  if (!request.url?.startsWith('/_emulator/')) context.stats.add(subject, result.status, result.charge ?? 1);
  send(context, response, result);
}

function failure(error: unknown): Answer {
  if (!(error instanceof CosmosError)) {
    console.error('cosmos:', error);
    return failure(new CosmosError(500, `The emulator failed: ${error instanceof Error ? error.message : error}`));
  }
  const headers: Record<string, string> = {};
  if (error.substatus !== undefined) headers['x-ms-substatus'] = String(error.substatus);
  if (error.retryAfterMs !== undefined) headers['x-ms-retry-after-ms'] = String(error.retryAfterMs);
  return { status: error.status, text: JSON.stringify(error.body()), headers };
}

function send(
  context: Context,
  response: ServerResponse,
  { status, text = '', headers = {}, charge = 1 }: Answer,
): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-ms-activity-id': crypto.randomUUID(),
    'x-ms-request-charge': String(charge),
    // One physical partition, '0'; the number grows with every change.
    'x-ms-session-token': `0:-1#${context.store.changeNumber}`,
    ...headers,
  });
  response.end(body);
}

function emulator({ store, faults, stats }: Context, method: string, url: string, body: Json | undefined): Answer {
  switch (`${method} ${url}`) {
    case 'POST /_emulator/faults':
      faults.add(body);
      return { status: 204 };
    case 'DELETE /_emulator/faults':
      faults.clear();
      return { status: 204 };
    case 'POST /_emulator/clock':
      if (!isObject(body) || !Number.isInteger(body.offsetSeconds))
        throw badRequest('The clock takes {"offsetSeconds": n}.');
      store.clockOffsetSeconds = Number(body.offsetSeconds);
      sweepAll(store);
      return { status: 204 };
    case 'GET /_emulator/stats': {
      const items = store
        .allContainers()
        .map(({ database, id, documentCount }) => [`${database}/${id}`, documentCount]);
      return { status: 200, text: JSON.stringify({ containers: stats, storedItems: Object.fromEntries(items) }) };
    }
    case 'DELETE /_emulator/stats':
      stats.reset();
      return { status: 204 };
    default:
      throw new CosmosError(404, `The emulator has no switch ${method} ${url}.`);
  }
}

/** Deletes expired items in slices, so that a million of them never stops the server. */
function sweepAll(store: Store): void {
  for (const container of store.allContainers()) sweep(store, container, SWEEP_SLICE);
}
