import { mkdirSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import type { Part } from '../part.ts';

/** Azurite's public account; the same on every machine, so no secret. */
const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const KEEP_ALIVE_SECONDS = 120;

export interface AzuriteOptions {
  /** 0 picks a free port. */
  readonly blobPort: number;
  readonly queuePort: number;
  /** Where queues and blobs are kept across restarts. */
  readonly dataDir: string;
}

export interface Azurite extends Part {
  /** `http://127.0.0.1:PORT/devstoreaccount1`; `url` is the same. */
  readonly queueUrl: string;
  readonly blobUrl: string;
  /** For `AzureWebJobsStorage`. */
  readonly connectionString: string;
}

/**
 * Runs Azurite's blob and queue services in this process, from the classes behind its command line: a process of its
 * own would outlive the stack, because Azurite does not notice that its parent is gone.
 *
 * @throws the listen error when a port is taken
 */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  const { dataDir } = options;
  mkdirSync(dataDir, { recursive: true });
  const services = loadServices();
  const queue = new services.QueueServer(
    new services.QueueConfiguration(...configuration(options.queuePort, dataDir, 'queue')),
  );
  const blob = new services.BlobServer(
    new services.BlobConfiguration(...configuration(options.blobPort, dataDir, 'blob')),
  );
  await start(queue);
  try {
    await start(blob);
  } catch (error) {
    await queue.close();
    throw error;
  }
  const queueUrl = `${queue.getHttpServerAddress()}/${ACCOUNT}`;
  const blobUrl = `${blob.getHttpServerAddress()}/${ACCOUNT}`;
  return {
    url: queueUrl,
    queueUrl,
    blobUrl,
    connectionString: azuriteConnectionString({ queueUrl, blobUrl }),
    async close() {
      await Promise.all([queue.close(), blob.close()]);
    },
  };
}

/** A server that cannot listen has opened its stores by then, and their timers would keep the process alive. */
async function start(server: Server): Promise<void> {
  try {
    await server.start();
  } catch (error) {
    await server.afterClose();
    throw error;
  }
}

/** The connection string for services at these addresses; for a process that did not start Azurite itself. */
export function azuriteConnectionString(urls: { queueUrl: string; blobUrl: string }): string {
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${ACCOUNT}`,
    `AccountKey=${ACCOUNT_KEY}`,
    `BlobEndpoint=${urls.blobUrl}`,
    `QueueEndpoint=${urls.queueUrl}`,
  ].join(';');
}

/** The positional arguments of Azurite's configuration classes, which are the same for both services. */
function configuration(port: number, dataDir: string, service: 'queue' | 'blob'): unknown[] {
  const path = (name: string) => join(dataDir, name);
  const store = { locationId: 'Default', locationPath: path(`__${service}storage__`), maxConcurrency: 50 };
  const [accessLog, debugLog, loose, skipApiVersionCheck] = [false, false, false, true];
  return [
    '127.0.0.1',
    port,
    KEEP_ALIVE_SECONDS,
    path(`__azurite_db_${service}__.json`),
    path(`__azurite_db_${service}_extent__.json`),
    [store],
    accessLog,
    undefined,
    debugLog,
    undefined,
    loose,
    skipApiVersionCheck,
  ];
}

interface Server {
  start(): Promise<void>;
  close(): Promise<void>;
  afterClose(): Promise<void>;
  getHttpServerAddress(): string;
}

type ServerClass = new (configuration: object) => Server;
type ConfigurationClass = new (...args: unknown[]) => object;

/** Azurite ships neither types nor an entry point for its classes. */
function loadServices() {
  const require = createRequire(import.meta.url);
  const load = (path: string) => (require(`azurite/dist/src/${path}.js`) as { default: unknown }).default;
  // Azurite's telemetry client, which is never started here, is most of what it loads: 50 MB and half a second.
  const hooks = registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === 'applicationinsights'
        ? { url: new URL('./no-telemetry.ts', import.meta.url).href, format: 'module-typescript', shortCircuit: true }
        : nextResolve(specifier, context),
  });
  try {
    return {
      QueueServer: load('queue/QueueServer') as ServerClass,
      QueueConfiguration: load('queue/QueueConfiguration') as ConfigurationClass,
      BlobServer: load('blob/BlobServer') as ServerClass,
      BlobConfiguration: load('blob/BlobConfiguration') as ConfigurationClass,
    };
  } finally {
    hooks.deregister();
  }
}
