import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { listen, type Part } from '../part.ts';
import { answer } from './answer.ts';
import { Clock } from './clock.ts';
import { addAccounts, loadDemo } from './content/demo.ts';
import { Faults } from './control/faults.ts';
import { Latency } from './control/latency.ts';
import { RequestLog } from './control/request-log.ts';
import { Database } from './database.ts';
import { Points } from './gateway/points.ts';
import { type Answer, type Exchange, json, LISTING_TRAPS, type ListingTrap, toExchange } from './http/exchange.ts';
import { faultAnswer, padded } from './http/faulty.ts';
import { send, sendTruncated } from './http/send.ts';
import { AppRegistration } from './oauth/app.ts';
import { Settings } from './settings.ts';
import type { Simulator } from './simulator.ts';

export interface ConfluenceOptions {
  /** 0 picks a free port. */
  port: number;
  /** Where the state is kept; `:memory:` keeps nothing. */
  dataDir: string;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  callbackUrls?: string[] | undefined;
  /** Fills a new data folder with the demo accounts and sites. Default true. */
  demo?: boolean | undefined;
}

/** Starts the Confluence Cloud and Atlassian OAuth simulator on 127.0.0.1. */
export async function startConfluence(options: ConfluenceOptions): Promise<Part & { simulator: Simulator }> {
  const simulator = openSimulator(options);
  addAccounts(simulator);
  if (options.demo !== false) loadDemo(simulator);
  const part = await listen((request, response) => void serve(simulator, request, response), {
    port: options.port,
    onClose: () => simulator.database.close(),
  });
  return { ...part, simulator };
}

function openSimulator({ dataDir, clientId, clientSecret, callbackUrls }: ConfluenceOptions): Simulator {
  const database = new Database(dataDir);
  const clock = new Clock(database);
  const settings = new Settings(database);
  const app = new AppRegistration(database, {
    ...(clientId ? { clientId } : {}),
    ...(clientSecret ? { clientSecret } : {}),
    ...(callbackUrls?.length ? { callbackUrls } : {}),
  });
  const points = new Points(database, clock, settings);
  const faults = new Faults(database);
  const latency = new Latency(database);
  return { database, clock, settings, app, points, faults, latency, log: new RequestLog() };
}

async function serve(simulator: Simulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = toExchange(request);
  const startedAt = performance.now();
  // The control API is out of this world: no faults, no latency, no log.
  if (exchange.path.startsWith('/_simulator')) return send(response, await safely(simulator, exchange));
  const at = new Date(simulator.clock.now()).toISOString();
  const status = await serveSimulated(simulator, exchange, response);
  simulator.log.record(exchange, { status }, at, performance.now() - startedAt);
}

/** Answers with faults and latency; the status sent, or 0 when the connection was cut instead. */
async function serveSimulated(simulator: Simulator, exchange: Exchange, response: ServerResponse): Promise<number> {
  let fault = simulator.faults.strike(exchange);
  if (fault?.kind === 'reset') return cut(response);
  if (fault?.kind === 'timeout') return 0;
  if (isListingTrap(fault?.kind)) exchange.listingTrap = fault.kind;
  const replaced = fault?.kind === 'status' || fault?.kind === 'html';
  let result = fault && replaced ? faultAnswer(fault, simulator.clock.now()) : await safely(simulator, exchange);
  if (!fault) {
    fault = simulator.faults.strikeAnswer(exchange, result);
    if (fault?.kind === 'reset') return cut(response);
    if (fault?.kind === 'status' || fault?.kind === 'html') result = faultAnswer(fault, simulator.clock.now());
  }
  const delayMs = simulator.latency.of(exchange) + (fault?.kind === 'slow' ? fault.delayMs : 0);
  if (delayMs > 0) await delay(delayMs, undefined, { ref: false });
  if (response.destroyed) return 0;
  if (fault?.kind === 'truncated-json') sendTruncated(response, result);
  else await send(response, fault?.kind === 'huge' ? padded(result, fault.bytes) : result);
  return result.status;
}

function cut(response: ServerResponse): number {
  response.destroy();
  return 0;
}

function isListingTrap(kind: string | undefined): kind is ListingTrap {
  return LISTING_TRAPS.some((trap) => trap === kind);
}

async function safely(simulator: Simulator, exchange: Exchange): Promise<Answer> {
  try {
    return await answer(simulator, exchange);
  } catch (error) {
    console.error(`confluence: ${exchange.method} ${exchange.path}:`, error);
    return json(500, { code: 500, message: `The simulator failed: ${error instanceof Error ? error.message : error}` });
  }
}
