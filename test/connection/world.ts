import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { CosmosClient } from '@azure/cosmos';
import '../../local/key-vault/localhost-lookup.ts';
import { startAzurite } from '../../local/azurite/server.ts';
import { startConfluence } from '../../local/confluence/server.ts';
import { startCosmos } from '../../local/cosmos/server.ts';
import { startKeyVault } from '../../local/key-vault/server.ts';
import { handleCallback } from '../../shared/connection/callback.ts';
import { completeConnect } from '../../shared/connection/complete.ts';
import { startConnect } from '../../shared/connection/connect.ts';
import { type Connection, readConnection } from '../../shared/connection/record.ts';
import { containers, queues } from '../../shared/platform/containers.ts';
import type { Deps } from '../../shared/platform/deps.ts';
import { createLogger } from '../../shared/platform/log.ts';
import { processDeps, type SettingsEnv } from './process-deps.ts';

export const CALLBACK_URL = 'http://127.0.0.1:7071/api/confluence/callback';

/** A person in the simulator, and the sites that they may use. */
export interface Person {
  readonly accountId: string;
  readonly name: string;
}

/**
 * The real services' stand-ins over HTTP, in this process, shared by the tests of one file: each test takes a tenant and
 * people of its own.
 */
export interface World {
  readonly deps: Deps;
  /** Everything that was logged, at debug level. */
  readonly logs: readonly string[];
  readonly dataDir: string;
  /** What a process of its own needs to take part. */
  readonly env: SettingsEnv;
  /** Dependencies of another process: nothing is shared but the services. */
  otherProcess(changes?: SettingsEnv): Deps;
  /** Calls a control route of the simulator. */
  simulator<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  vault<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /** How many requests the simulator had for this path. */
  requests(pathContains: string): Promise<number>;
  person(options?: { sites?: readonly string[] }): Promise<Person>;
  /** A new site with a few pages, as `{cloudId, name, url}`. */
  site(
    people: readonly Person[],
    options?: { jira?: boolean; confluence?: boolean },
  ): Promise<{ cloudId: string; name: string; url: string }>;
  /** Consent at the simulator; gives the query of the redirect. */
  consent(
    authorizeUrl: string,
    person: Person,
    cloudIds: readonly string[],
    accept?: boolean,
  ): Promise<URLSearchParams>;
  /** connect → consent → callback: the completion. */
  grant(tenantId: string, person: Person, cloudIds: readonly string[]): Promise<string>;
  /** The whole way from connect to complete. */
  connect(tenantId: string, person: Person, cloudIds: readonly string[]): Promise<Connection>;
  connection(tenantId: string): Promise<Connection>;
  /** Takes all messages off a queue. */
  messages(queue: keyof Deps['queues']): Promise<Record<string, unknown>[]>;
  /** Names of the secrets that exist in the vault, and of those deleted but not purged. */
  secrets(): Promise<{ live: string[]; deleted: string[] }>;
  close(): Promise<void>;
}

export function newTenant(): string {
  return `t-${randomUUID().slice(0, 8)}`;
}

export async function startWorld(changes: SettingsEnv = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'connection-'));
  const [cosmos, vault, azurite, confluence] = await Promise.all([
    startCosmos({ port: 0, dataDir: join(dataDir, 'cosmos') }),
    startKeyVault({ port: 0, dataDir: join(dataDir, 'key-vault'), deletionMs: 1 }),
    startAzurite({ blobPort: 0, queuePort: 0, dataDir: join(dataDir, 'azurite') }),
    startConfluence({
      port: 0,
      dataDir: join(dataDir, 'confluence'),
      clientId: 'client',
      clientSecret: 'client-secret',
      callbackUrls: [CALLBACK_URL],
      demo: false,
    }),
  ]);
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(vault.certificatePath, 'utf8')]);
  const env: SettingsEnv = {
    ATLASSIAN_CLIENT_ID: 'client',
    ATLASSIAN_CLIENT_SECRET: 'client-secret',
    ATLASSIAN_AUTH_URL: confluence.url,
    ATLASSIAN_API_URL: confluence.url,
    PUBLIC_URL: 'http://127.0.0.1:7071',
    DASHBOARD_ORIGIN: 'http://127.0.0.1:7075',
    AUTH_ISSUER: 'http://127.0.0.1:7076',
    AUTH_AUDIENCE: 'api://confluence',
    COSMOS_ENDPOINT: cosmos.url,
    COSMOS_KEY: 'a2V5',
    KEY_VAULT_URL: vault.vaultUrl,
    AzureWebJobsStorage: azurite.connectionString,
    LOG_LEVEL: 'error',
    REFRESH_POLL_MS: '20',
    TIDY_DELAY_SECONDS: '0',
    NODE_EXTRA_CA_CERTS: vault.certificatePath,
    ...changes,
  };
  const made: Deps[] = [];
  const logs: string[] = [];
  const otherProcess = (more: SettingsEnv = {}) => {
    const log = createLogger({ LOG_LEVEL: 'debug' }, (line) => logs.push(line));
    const deps = { ...processDeps({ ...env, ...more }), log };
    made.push(deps);
    return deps;
  };
  const deps = otherProcess();
  await createStores(env, deps);

  const call = async <T>(url: string, method: string, body: unknown): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(url, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };

  const world: World = {
    deps,
    logs,
    dataDir,
    env,
    otherProcess,
    simulator: (method, path, body) => call(`${confluence.url}/_simulator/${path}`, method, body),
    vault: (method, path, body) => call(`${vault.vaultUrl}/_emulator/${path}`, method, body),
    async requests(pathContains) {
      const { requests } = await world.simulator<{ requests: unknown[] }>(
        'GET',
        `requests?pathContains=${pathContains}`,
      );
      return requests.length;
    },
    async person() {
      const accountId = `712020:${randomUUID()}`;
      const name = `Person ${accountId.slice(-6)}`;
      await world.simulator('POST', 'accounts', {
        accountId,
        displayName: name,
        email: `${accountId.slice(-6)}@acme.example`,
      });
      return { accountId, name };
    },
    async site(people, { jira = false, confluence: hasConfluence = true } = {}) {
      const name = `site-${randomUUID().slice(0, 8)}`;
      const accounts = people.map(({ accountId }) => accountId);
      const site = await world.simulator<{ cloudId: string; url: string; name: string }>('POST', 'sites', {
        name,
        seed: 1,
        pages: 3,
        jira,
        accounts,
      });
      // The generator knows no site without Confluence.
      if (!hasConfluence) {
        confluence.simulator.database.run('UPDATE site SET confluence = 0 WHERE cloudId = ?', site.cloudId);
      }
      return { cloudId: site.cloudId, name: site.name, url: site.url };
    },
    async consent(authorizeUrl, { accountId }, cloudIds, accept = true) {
      const { location } = await world.simulator<{ location: string }>('POST', 'consent', {
        authorizeUrl,
        accountId,
        cloudIds,
        accept,
      });
      return new URL(location).searchParams;
    },
    async grant(tenantId, person, cloudIds) {
      const { authorizeUrl } = await startConnect(deps, tenantId);
      const query = await world.consent(authorizeUrl, person, cloudIds);
      const outcome = await handleCallback(deps, callbackQuery(query));
      if (outcome.status !== 'granted') throw new Error(`consent ended as ${outcome.status}`);
      return outcome.completion;
    },
    async connect(tenantId, person, cloudIds) {
      return completeConnect(deps, tenantId, await world.grant(tenantId, person, cloudIds));
    },
    async connection(tenantId) {
      const stored = await readConnection(deps, tenantId);
      if (!stored) throw new Error(`${tenantId} has no connection`);
      return stored.item;
    },
    async messages(queue) {
      const taken: Record<string, unknown>[] = [];
      for (;;) {
        const { receivedMessageItems } = await deps.queues[queue].receiveMessages({ numberOfMessages: 32 });
        if (receivedMessageItems.length === 0) return taken;
        for (const { messageId, popReceipt, messageText } of receivedMessageItems) {
          taken.push(JSON.parse(Buffer.from(messageText, 'base64').toString()));
          await deps.queues[queue].deleteMessage(messageId, popReceipt);
        }
      }
    },
    async secrets() {
      const [live, deleted]: string[][] = [[], []];
      for await (const { name } of deps.secrets.listPropertiesOfSecrets()) live?.push(name);
      for await (const { name } of deps.secrets.listDeletedSecrets()) deleted?.push(name);
      return { live: live ?? [], deleted: deleted ?? [] };
    },
    async close() {
      await Promise.all(made.map(({ atlassian }) => atlassian.close()));
      await Promise.all([cosmos, vault, azurite, confluence].map((part) => part.close()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return world;
}

export function callbackQuery(query: URLSearchParams) {
  return { state: query.get('state'), code: query.get('code'), error: query.get('error') };
}

async function createStores(env: SettingsEnv, deps: Deps): Promise<void> {
  const client = new CosmosClient({ endpoint: env.COSMOS_ENDPOINT ?? '', key: env.COSMOS_KEY ?? '' });
  const { database } = await client.databases.createIfNotExists({ id: 'confluence' });
  for (const definition of containers) {
    await database.containers.createIfNotExists(structuredClone(definition) as never);
  }
  client.dispose();
  for (const name of queues) await deps.queues[name].createIfNotExists();
}
