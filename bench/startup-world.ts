import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CosmosClient } from '@azure/cosmos';
import { QueueClient } from '@azure/storage-queue';
import { startAzurite } from '../local/azurite/server.ts';
import { startConfluence } from '../local/confluence/server.ts';
import { startCosmos } from '../local/cosmos/server.ts';
import { startKeyVault } from '../local/key-vault/server.ts';
import { startOidcIssuer } from '../local/oidc-issuer/server.ts';
import { COSMOS_KEY, createContainers, createQueues } from '../local/stack/cloud-resources.ts';
import { startFreshHost } from './startup-host.ts';

const TENANT = 'bench';

const IDENTITY_HEADER = 'bench-identity';
const AUDIENCE = 'confluence-for-neo';
const NEVER = '0 0 0 1 1 *';

/** Everything that a fresh functions host needs, in this process, with one tenant connected and an agent's key. */
export interface StartupWorld {
  readonly agentKey: string;
  readonly pageId: string;
  /** Nothing runs but what is asked for by HTTP. */
  readonly quietEnv: Record<string, string>;
  /** The timer runs, the queues are left alone. */
  readonly schedulingEnv: Record<string, string>;
  /** The queues are read, the timer does not run. */
  readonly receivingEnv: Record<string, string>;
  /** Resolves when a delta of the tenant lies in the queue. */
  untilMessageSent(): Promise<void>;
  close(): Promise<void>;
}

export async function startStartupWorld(dataDir: string): Promise<StartupWorld> {
  const part = (name: string) => join(dataDir, name);
  const sink = await startSink();
  const [cosmos, vault, azurite, issuer, confluence] = await Promise.all([
    startCosmos({ port: 0, dataDir: part('cosmos') }),
    startKeyVault({ port: 0, dataDir: part('key-vault') }),
    startAzurite({ blobPort: 0, queuePort: 0, dataDir: part('azurite') }),
    startOidcIssuer({ port: 0, dataDir: part('issuer'), audience: AUDIENCE, identityHeader: IDENTITY_HEADER }),
    startConfluence({
      port: 0,
      dataDir: part('confluence'),
      clientId: 'client',
      clientSecret: 'client-secret',
      callbackUrls: ['http://127.0.0.1:9/api/confluence/callback'],
      demo: false,
    }),
  ]);
  await Promise.all([createContainers(cosmos.url), createQueues(azurite.connectionString)]);
  const env = {
    ATLASSIAN_CLIENT_ID: 'client',
    ATLASSIAN_CLIENT_SECRET: 'client-secret',
    ATLASSIAN_AUTH_URL: confluence.url,
    ATLASSIAN_API_URL: confluence.url,
    PUBLIC_URL: 'http://127.0.0.1:9',
    DASHBOARD_ORIGIN: 'http://127.0.0.1:9',
    AUTH_ISSUER: issuer.issuerUrl,
    AUTH_AUDIENCE: AUDIENCE,
    COSMOS_ENDPOINT: cosmos.url,
    COSMOS_KEY,
    KEY_VAULT_URL: vault.vaultUrl,
    AzureWebJobsStorage: azurite.connectionString,
    IDENTITY_ENDPOINT: issuer.identityEndpoint,
    IDENTITY_HEADER,
    NODE_EXTRA_CA_CERTS: vault.certificatePath,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    TELEMETRY_SAMPLE_RATIO: '1',
    SYNC_SCHEDULE: NEVER,
    REPORT_SCHEDULE: NEVER,
    AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.100',
  };
  const noQueues = { 'AzureWebJobs.sync-worker.Disabled': 'true', 'AzureWebJobs.sync-now-worker.Disabled': 'true' };
  const queue = new QueueClient(azurite.connectionString, 'confluence-sync');
  const { agentKey, pageId } = await prepare(env, confluence.url, issuer.issuerUrl);
  const control = new CosmosClient({ endpoint: cosmos.url, key: COSMOS_KEY })
    .database('confluence')
    .container('control');
  return {
    agentKey,
    pageId,
    quietEnv: { ...env, ...noQueues },
    schedulingEnv: { ...env, ...noQueues, SYNC_SCHEDULE: '* * * * * *' },
    receivingEnv: env,
    async untilMessageSent() {
      const due = [{ op: 'set' as const, path: '/nextSyncAt', value: new Date(0).toISOString() }];
      await control.item('connection', TENANT).patch(due);
      for (let tries = 0; tries < 200; tries += 1) {
        if (((await queue.getProperties()).approximateMessagesCount ?? 0) > 0) return;
        await delay(50);
      }
      throw new Error('the timer sent no delta');
    },
    async close() {
      await Promise.all([cosmos, vault, azurite, issuer, confluence, sink].map((server) => server.close()));
    },
  };
}

/** Connects the tenant by HTTP as a person and a dashboard would, waits for its first sync, and makes an agent's key. */
async function prepare(env: Record<string, string>, confluenceUrl: string, issuerUrl: string) {
  const host = await startFreshHost(env);
  const token = await post<{ access_token: string }>(`${issuerUrl}/token`, { roles: ['Confluence.Manage.All'] });
  const call = <T>(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
    send<T>(`${host.url}/api/tenants/${TENANT}${path}`, method, body, token.access_token);
  const simulator = <T>(path: string, body: unknown) => post<T>(`${confluenceUrl}/_simulator/${path}`, body);

  const accountId = '712020:bench';
  await simulator('accounts', { accountId, displayName: 'Bench', email: 'bench@acme.example' });
  const site = { name: 'bench', seed: 1, pages: 20, accounts: [accountId] };
  const { cloudId } = await simulator<{ cloudId: string }>('sites', site);
  const { authorizeUrl } = await call<{ authorizeUrl: string }>('/confluence/connect', {});
  const consent = { authorizeUrl, accountId, cloudIds: [cloudId], accept: true };
  const { location } = await simulator<{ location: string }>('consent', consent);
  const page = await fetch(`${host.url}/api/confluence/callback${new URL(location).search}`);
  const message = /id="message">(.*?)<\/script>/s.exec(await page.text())?.[1] ?? '{}';
  const { completion } = JSON.parse(message) as { completion: string };
  await call('/confluence/connect/complete', { completion });
  await untilSynced(() => call('/confluence/runs'));
  await call('/agents/bench/confluence-tool', { profile: 'read_only' }, 'PUT');
  const { key } = await call<{ key: string }>('/agents/bench/confluence-tool/keys', {});
  const { result } = await send<{ result: { pages: { pageId: string }[] } }>(
    `${host.url}/api/confluence/tool/confluence_list_pages`,
    'POST',
    {},
    key,
  );
  await host.stop();
  const pageId = result.pages[0]?.pageId;
  if (pageId === undefined) throw new Error('the site has no page');
  return { agentKey: key, pageId };
}

async function untilSynced(runs: () => Promise<{ runs: { state: string }[] }>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await runs()).runs[0]?.state === 'succeeded') return;
    await delay(100);
  }
  throw new Error('the first sync did not succeed within a minute');
}

function post<T>(url: string, body: unknown): Promise<T> {
  return send(url, 'POST', body);
}

async function send<T>(url: string, method: string, body?: unknown, token?: string): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}

/** Takes telemetry and forgets it. */
async function startSink(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
