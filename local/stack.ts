import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { azuriteConnectionString } from './azurite/server.ts';
import { CERTIFICATE_FILE } from './key-vault/address.ts';
import { addressesOf } from './stack/addresses.ts';
import { caBundle } from './stack/certificates.ts';
import { COSMOS_KEY, createContainers, createQueues } from './stack/cloud-resources.ts';
import { type DataDir, openDataDir, type StackFile } from './stack/data-dir.ts';
import { StackError } from './stack/error.ts';
import { createParts } from './stack/parts.ts';
import { portsFrom } from './stack/ports.ts';
import { fetchDashboardToken, requireFreePorts, untilHealthy } from './stack/readiness.ts';
import { type AtlassianMode, atlassianMode, type Env, givenSettings, hostEnvironment } from './stack/settings.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

export interface StackOptions {
  /** The first of 40 ports. */
  portBase: number;
  dataDir: string;
  /** The app's settings and all else that the processes inherit. Default: this process's environment. */
  env?: Env;
  /** A local.settings.json; the environment wins over it. Default: none. */
  settingsFile?: string;
  /** Makes the bundle that the functions host runs, while the other parts start. Default: it is there already. */
  build?: () => Promise<void>;
  /** Gets one line at a time: what parts write to stderr, what restarts. */
  log?: (line: string) => void;
  /** Ends the start or, later, the stack. */
  signal?: AbortSignal;
}

export interface Stack {
  /** What stack.json holds now: process ids change when the functions host restarts. */
  file(): StackFile;
  readonly filePath: string;
  readonly atlassian: AtlassianMode;
  /** Resolves when every process is gone: to undefined after `stop`, else to one line that says what died. */
  readonly ended: Promise<string | undefined>;
  stop(): Promise<void>;
}

/**
 * Starts every part as its own process; resolves when the application is healthy. Rejects with a `StackError` when
 * something is wrong that the user can mend; then nothing is left running.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const plan = planStack(options);
  const dataDir = openDataDir(plan.dataDir);
  const { log = () => {}, signal } = options;
  const stopping = new AbortController();
  const ended = Promise.withResolvers<string | undefined>();
  let dashboardToken = '';

  const supervisor = createSupervisor({
    logDir: join(dataDir.path, 'logs'),
    log,
    onDeath: (message) => void stop(message),
    onRestart(name) {
      dataDir.writeStackFile(file());
      log(`${name} is ready again`);
    },
  });
  const file = (): StackFile => ({ ...plan.published, dashboardToken, pids: supervisor.pids() });
  async function stop(death?: string): Promise<void> {
    stopping.abort(death === undefined ? undefined : new StackError(death));
    await supervisor.stop();
    dataDir.removeStackFile();
    dataDir.release();
    ended.resolve(death);
  }
  signal?.addEventListener('abort', () => void stop());

  try {
    signal?.throwIfAborted();
    dashboardToken = await startParts(plan, dataDir, supervisor, options.build, stopping.signal);
    dataDir.writeStackFile(file());
  } catch (error) {
    await stop();
    // Whatever the start stumbled over then, the death of a part was the reason.
    throw stopping.signal.reason instanceof StackError ? stopping.signal.reason : error;
  }
  return { file, filePath: dataDir.stackFile, atlassian: plan.atlassian, ended: ended.promise, stop: () => stop() };
}

type Plan = ReturnType<typeof planStack>;

/** All that follows from the options, checked before anything is touched. */
function planStack({ portBase, dataDir: givenDir, env = process.env, settingsFile }: StackOptions) {
  const dataDir = resolve(givenDir);
  const ports = portsFrom(portBase);
  const addresses = addressesOf(ports);
  const given = givenSettings(env, settingsFile);
  const atlassian = atlassianMode(given, addresses.simulatorUrl);
  const identityHeader = randomBytes(32).toString('hex');
  const storage = azuriteConnectionString(addresses);
  const hostEnv = hostEnvironment(given, addresses, { identityHeader, cosmosKey: COSMOS_KEY, storage });
  const { simulatorUrl, blobUrl, ...shown } = addresses;
  return {
    dataDir,
    addresses,
    atlassian,
    storage,
    hostEnv,
    ports: atlassian === 'simulator' ? ports : { ...ports, confluence: undefined },
    parts: createParts({ ports, addresses, dataDir, env, hostEnv, identityHeader }),
    published: {
      ...shown,
      atlassianUrl: hostEnv.ATLASSIAN_AUTH_URL ?? 'https://auth.atlassian.com',
      keyVaultCertificate: join(dataDir, 'key-vault', CERTIFICATE_FILE),
    },
  };
}

/** Starts the parts in the order of their needs; returns the dashboard token. */
async function startParts(
  plan: Plan,
  dataDir: DataDir,
  supervisor: Supervisor,
  build: (() => Promise<void>) | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { parts, addresses, hostEnv, storage, published } = plan;
  await requireFreePorts(plan.ports, dataDir.formerPids, signal);
  dataDir.removeStackFile();
  await Promise.all([
    build?.().catch(buildFailed),
    supervisor.start(parts.issuer),
    supervisor.start(parts.keyVault),
    supervisor.start(parts.cosmos).then(() => createContainers(addresses.cosmosUrl, hostEnv.COSMOS_DATABASE)),
    supervisor.start(parts.azurite).then(() => createQueues(storage)),
    plan.atlassian === 'simulator' ? supervisor.start(parts.confluence) : undefined,
  ]);
  hostEnv.NODE_EXTRA_CA_CERTS = caBundle(dataDir.path, published.keyVaultCertificate, hostEnv.NODE_EXTRA_CA_CERTS);
  await Promise.all([supervisor.start(parts.functions), supervisor.start(parts.dashboard)]);
  await untilHealthy(addresses.functionsUrl, signal);
  return fetchDashboardToken(addresses.issuerUrl, signal);
}

function buildFailed(error: Error): never {
  throw new StackError(`The application cannot be built: ${error.message}`);
}
