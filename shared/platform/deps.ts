import { type Container, CosmosClient } from '@azure/cosmos';
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { QueueClient } from '@azure/storage-queue';
import { Agent, type Dispatcher } from 'undici';
import { queues as queueNames } from './containers.ts';
import { createLogger, type Logger } from './log.ts';
import { readSettings, type Settings } from './settings.ts';
import { observed } from './telemetry.ts';

export type QueueName = (typeof queueNames)[number];

/** Everything with a connection behind it, built once per process and passed to `shared/` as one plain object. */
export interface Deps {
  readonly settings: Settings;
  readonly log: Logger;
  /** The clock. Only durations that we measure ourselves depend on it; expiry of tokens comes from Atlassian. */
  readonly now: () => Date;
  readonly control: Container;
  readonly pages: Container;
  readonly secrets: SecretClient;
  readonly queues: Readonly<Record<QueueName, QueueClient>>;
  /** The connection pool for Atlassian. */
  readonly atlassian: Dispatcher;
}

let built: Deps | undefined;

/**
 * The process's dependencies, built at first use: an exception while the bundle loads would stop every function, so
 * nothing is read or opened before. Throws `SettingsError` as long as a setting is wrong.
 */
export function deps(): Deps {
  built ??= createDeps(readSettings(process.env));
  return built;
}

/** Builds dependencies from settings; opens no connection yet. */
export function createDeps(settings: Settings): Deps {
  const credential = managedIdentity(settings.AZURE_CLIENT_ID);
  const cosmos = new CosmosClient({
    endpoint: settings.COSMOS_ENDPOINT,
    ...(settings.COSMOS_KEY ? { key: settings.COSMOS_KEY } : { aadCredentials: credential }),
    connectionPolicy: { requestTimeout: 20_000, retryOptions: { maxRetryAttemptCount: 9, maxWaitTimeInSeconds: 20 } },
  });
  const database = cosmos.database(settings.COSMOS_DATABASE);
  return {
    settings,
    log: observed(createLogger(settings)),
    now: () => new Date(),
    control: database.container('control'),
    pages: database.container('pages'),
    secrets: new SecretClient(settings.KEY_VAULT_URL, credential),
    queues: Object.fromEntries(queueNames.map((name) => [name, queueClient(settings, credential, name)])) as Record<
      QueueName,
      QueueClient
    >,
    // A tool call sends two requests at once, and an instance serves many calls: none should wait for a socket.
    atlassian: new Agent({ connections: 256, keepAliveTimeout: 30_000, connect: { timeout: 10_000 } }),
  };
}

function queueClient(settings: Settings, credential: TokenCredential, name: string): QueueClient {
  const serviceUri = settings.AzureWebJobsStorage__queueServiceUri;
  if (serviceUri) return new QueueClient(`${serviceUri}/${name}`, credential);
  return new QueueClient(settings.AzureWebJobsStorage ?? '', name);
}

/** Loads `@azure/identity` at the first token, not with the bundle: it is the slowest package to load. */
function managedIdentity(clientId: string | undefined): TokenCredential {
  let credential: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> {
      credential ??= import('@azure/identity').then(
        ({ ManagedIdentityCredential }) => new ManagedIdentityCredential(clientId ? { clientId } : {}),
      );
      return (await credential).getToken(scopes, options);
    },
  };
}
