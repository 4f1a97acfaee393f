import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listen, type Part } from '../part.ts';
import { createAdmin } from './admin.ts';
import { type HttpFunction, readFunction } from './bindings.ts';
import { readHostConfig } from './host-config.ts';
import { createHttpRoutes } from './http.ts';
import { createInvoker } from './invoke.ts';
import { loadApp } from './load-app.ts';
import { createLogger, type Logger } from './log.ts';
import { appHookData, runHooks, sink } from './registry.ts';
import { requestUrl, trackRequests } from './requests.ts';
import { byPrecedence, overlap } from './routes.ts';
import { applyLocalSettings, type Env, secondsSetting } from './settings.ts';
import { startTriggers } from './triggers.ts';

export interface FunctionsHostOptions {
  /** The folder of host.json and of the package.json whose `main` registers the functions. */
  readonly appDir: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Settings that win over the environment; the app reads all of them in `process.env`. */
  readonly env?: Env;
  /** Default: `local.settings.json` in `appDir`. A missing file is fine. */
  readonly settingsFile?: string;
}

let started = false;

/**
 * Starts an app the way Azure Functions does, in this process: HTTP routes, timers and queue triggers. One process
 * runs one app, because what an app registers belongs to the process. `close` lets running invocations finish for up
 * to `LOCAL_DRAIN_SECONDS` (10).
 *
 * @throws an Error with one line that says what to change: a bad setting, an unsupported binding, a file that throws
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<Part> {
  if (started) throw new Error('a process runs one functions host; start another process');
  started = true;
  const startedAt = performance.now();
  const appDir = resolve(options.appDir);
  const env = process.env;
  Object.assign(env, options.env);
  applyLocalSettings(env, resolve(appDir, options.settingsFile ?? 'local.settings.json'));
  const config = readHostConfig(resolve(appDir, 'host.json'), env);
  const drainMs = secondsSetting(env, 'LOCAL_DRAIN_SECONDS', 10);
  const hiddenMs = Math.max(1000, secondsSetting(env, 'LOCAL_QUEUE_HIDDEN_SECONDS', 600));
  const logger = createLogger(config.logLevels);
  sink.log = (level, category, message) => logger.app(level, category, undefined, message);

  const registered = await loadApp(appDir);
  const functions = registered.map((fn) => readFunction(fn, config.routePrefix, env));
  const httpFunctions = functions.filter((fn) => fn.trigger === 'http');
  checkRoutes(httpFunctions, logger);
  const loadMs = Math.round(performance.now() - startedAt);
  logger.write('information', 'Host', `loaded ${functions.length} functions in ${loadMs} ms`);

  const invoker = createInvoker(logger);
  const routes = createHttpRoutes(httpFunctions, invoker);
  const triggers = await startTriggers(functions, { config: config.queues, hiddenMs, invoker, logger });
  let stopping = false;
  const admin = createAdmin({ functions, runNow: triggers.runNow, state: () => (stopping ? 'Stopping' : 'Running') });
  const requests = trackRequests(
    async (request, response) => {
      const url = requestUrl(request);
      if (stopping) response.writeHead(503, { connection: 'close' }).end();
      else if (!url) response.writeHead(400).end();
      else if (/^\/admin(\/|$)/i.test(url.pathname)) await admin(request, response, url);
      else await routes(request, response, url);
    },
    (error) => logger.write('error', 'Host', `a request failed in the host: ${(error as Error).stack}`),
  );
  const part = await listen(requests.listener, { port: options.port });
  return {
    url: part.url,
    async close() {
      stopping = true;
      const ended = Promise.all([triggers.stop(), requests.idle(), invoker.idle()]);
      await Promise.race([ended, delay(drainMs, undefined, { ref: false })]);
      await triggers.release();
      await runHooks('appTerminate', { hookData: appHookData, appHookData });
      await part.close();
    },
  };
}

/** Two functions on one route would hide each other; overlapping ones may answer differently on Azure. */
function checkRoutes(functions: readonly HttpFunction[], logger: Logger): void {
  for (const [index, a] of functions.entries()) {
    for (const b of functions.slice(index + 1)) {
      const method = a.methods.find((name) => b.methods.includes(name));
      if (!method || !overlap(a.route, b.route)) continue;
      const both = `${method} ${a.route.template} (${a.name}) and ${b.route.template} (${b.name})`;
      if (byPrecedence(a.route, b.route) === 0) throw new Error(`${both} are the same route`);
      logger.write('warning', 'Host', `${both} overlap: Azure takes the function it indexed first, not the best match`);
    }
  }
}
