import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import tls from 'node:tls';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import '../../local/key-vault/localhost-lookup.ts';
import { startAzurite } from '../../local/azurite/server.ts';
import type { LoggedRequest } from '../../local/confluence/control/request-log.ts';
import { startConfluence } from '../../local/confluence/server.ts';
import { startCosmos } from '../../local/cosmos/server.ts';
import { startFunctionsHost } from '../../local/functions-host/server.ts';
import { startKeyVault } from '../../local/key-vault/server.ts';
import { startOidcIssuer } from '../../local/oidc-issuer/server.ts';
import { COSMOS_KEY, createContainers, createQueues } from '../../local/stack/cloud-resources.ts';
import { getListPage } from '../../shared/atlassian/list.ts';
import { pageSchema, spaceSchema } from '../../shared/atlassian/schemas.ts';
import { connectionGateway } from '../../shared/connection/gateway.ts';
import { type Connection, newConnection, readConnection } from '../../shared/connection/record.ts';
import { writeTokens } from '../../shared/connection/vault.ts';
import { buildPage } from '../../shared/index/build-page.ts';
import { putSpaces } from '../../shared/index/spaces.ts';
import { putPages } from '../../shared/index/write.ts';
import { type Deps, deps as processDeps } from '../../shared/platform/deps.ts';
import { SecretText } from '../../shared/platform/secret-text.ts';
import { issueKey, putAgent } from '../../shared/tool/agent-record.ts';
import { type Group, groupsWith } from '../../shared/tool/groups.ts';

const FUNCTIONS = [
  'agent-get',
  'agent-put',
  'agent-delete',
  'agent-key-post',
  'tool-list',
  'tool-call',
  'mcp-post',
  'mcp-get',
];
const ADMIN_ACCOUNT = '712020:a1ec0ad3-0000-4000-8000-000000000001';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The tool's part of the stack in this process: real clients, over HTTP, against the emulators. */
export interface Stand {
  readonly url: string;
  readonly deps: Deps;
  readonly sites: Readonly<Record<string, { cloudId: string; url: string }>>;
  /** Connects a tenant to a site with a grant of the demo administrator's. */
  connect(tenantId: string, siteName: string, change?: Partial<Connection>): Promise<void>;
  /** Puts the spaces and pages of the tenant's site into its index, except personal spaces. */
  index(tenantId: string): Promise<void>;
  /** Gives an agent groups and a key. */
  agent(tenantId: string, agentId: string, groups: readonly Group[]): Promise<string>;
  /** A dashboard token for everything. */
  dashboardToken(): Promise<string>;
  request(method: string, path: string, bearer: string | undefined, body?: unknown): Promise<HttpAnswer>;
  call(key: string, operation: string, args?: unknown): Promise<HttpAnswer>;
  mcp(key: string): Promise<Client>;
  simulator(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** What reached Confluence's API since the last look. */
  arrived(): Promise<LoggedRequest[]>;
}

/**
 * Starts everything once for a test file; it ends after the file's last test. Queues only on request: they are the
 * slowest part, and only a change of the connection's state uses them.
 */
export async function startStand(settings: Record<string, string> = {}, { queues = false } = {}): Promise<Stand> {
  const dir = mkdtempSync(join(tmpdir(), 'tool-'));
  const [cosmos, confluence, vault, issuer] = await Promise.all([
    startCosmos({ port: 0 }),
    startConfluence({ port: 0, dataDir: ':memory:', clientId: 'client', clientSecret: 'secret' }),
    startKeyVault({ port: 0, dataDir: join(dir, 'vault') }),
    startOidcIssuer({
      port: 0,
      dataDir: join(dir, 'issuer'),
      audience: 'confluence-for-neo',
      identityHeader: 'header',
    }),
  ]);
  const azurite = queues ? await startAzurite({ blobPort: 0, queuePort: 0, dataDir: join(dir, 'azurite') }) : undefined;
  if (azurite) await createQueues(azurite.connectionString);
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(vault.certificatePath, 'utf8')]);
  await createContainers(cosmos.url);
  const host = await startFunctionsHost({
    appDir: writeApp(dir),
    port: 0,
    env: {
      ATLASSIAN_CLIENT_ID: 'client',
      ATLASSIAN_CLIENT_SECRET: 'secret',
      ATLASSIAN_AUTH_URL: confluence.url,
      ATLASSIAN_API_URL: confluence.url,
      PUBLIC_URL: 'http://127.0.0.1:1',
      DASHBOARD_ORIGIN: 'http://127.0.0.1:2',
      AUTH_ISSUER: issuer.issuerUrl,
      AUTH_AUDIENCE: 'confluence-for-neo',
      COSMOS_ENDPOINT: cosmos.url,
      COSMOS_KEY,
      KEY_VAULT_URL: vault.vaultUrl,
      AzureWebJobsStorage: azurite?.connectionString ?? 'UseDevelopmentStorage=true',
      IDENTITY_ENDPOINT: issuer.identityEndpoint,
      IDENTITY_HEADER: 'header',
      AGENT_CALLS_PER_MINUTE: '100000',
      AGENT_POINTS_PER_HOUR: '1000000',
      LOG_LEVEL: 'error',
      ...settings,
    },
  });
  const deps = processDeps();
  after(async () => {
    await host.close();
    await deps.atlassian.close();
    await Promise.all([cosmos.close(), confluence.close(), vault.close(), issuer.close(), azurite?.close()]);
    rmSync(dir, { recursive: true, force: true });
  });
  return stand(deps, { functions: host.url, confluence: confluence.url, issuer: issuer.url });
}

/** An app of the tool's functions alone, so that nothing else's triggers are started. */
function writeApp(dir: string): string {
  const app = join(dir, 'app');
  mkdirSync(app);
  const functions = resolve(import.meta.dirname, '../../functions');
  writeFileSync(join(app, 'app.ts'), FUNCTIONS.map((name) => `import '${functions}/${name}.ts';`).join('\n'));
  writeFileSync(join(app, 'package.json'), JSON.stringify({ type: 'module', main: 'app.ts' }));
  writeFileSync(
    join(app, 'host.json'),
    JSON.stringify({ version: '2.0', logging: { logLevel: { default: 'Error' } } }),
  );
  return app;
}

async function stand(deps: Deps, urls: { functions: string; confluence: string; issuer: string }): Promise<Stand> {
  let seen = 0;
  const simulator: Stand['simulator'] = async (method, path, body) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${urls.confluence}/_simulator${path}`, init);
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const { sites: listed } = (await simulator('GET', '/sites')) as {
    sites: { name: string; cloudId: string; url: string }[];
  };
  const sites = Object.fromEntries(listed.map(({ name, cloudId, url }) => [name, { cloudId, url }]));

  const request: Stand['request'] = async (method, path, bearer, body) => {
    const response = await fetch(`${urls.functions}${path}`, {
      method,
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  };

  return {
    url: urls.functions,
    deps,
    sites,
    simulator,
    request,
    async connect(tenantId, siteName, change = {}) {
      const site = { ...sites[siteName], name: siteName } as { cloudId: string; url: string; name: string };
      const tokens = (await simulator('POST', '/grants', {
        accountId: ADMIN_ACCOUNT,
        cloudIds: Object.values(sites).map(({ cloudId }) => cloudId),
      })) as { access_token: string; refresh_token: string; scope: string };
      const expiresAt = new Date(Date.now() + 3_600_000);
      await writeTokens(deps, `test-${tenantId}`, {
        accessToken: new SecretText(tokens.access_token),
        refreshToken: new SecretText(tokens.refresh_token),
        expiresAt,
      });
      await deps.control.items.upsert({
        ...newConnection(tenantId, new Date()),
        status: 'connected',
        site,
        sites: [site],
        grant: {
          secretName: `test-${tenantId}`,
          accountId: ADMIN_ACCOUNT,
          scopes: tokens.scope.split(' '),
          grantedAt: new Date().toISOString(),
          tokenExpiresAt: expiresAt.toISOString(),
          rotations: 0,
        },
        ...change,
      });
    },
    async index(tenantId) {
      const connection = await readConnection(deps, tenantId);
      if (!connection?.item.site) throw new Error(`${tenantId} is not connected`);
      const { site } = connection.item;
      const gateway = connectionGateway(deps, connection);
      const listedSpaces = await getListPage(gateway, '/wiki/api/v2/spaces', { limit: 250 }, spaceSchema);
      const spaces = listedSpaces.items.filter(({ type }) => type !== 'personal');
      await putSpaces(deps, tenantId, site.cloudId, 'test', spaces);
      const query = { status: 'current', 'body-format': 'storage', limit: 250 };
      const { items } = await getListPage(gateway, '/wiki/api/v2/pages', query, pageSchema);
      const pages = items.flatMap((page) => {
        const space = spaces.find(({ id }) => id === page.spaceId);
        return space ? [buildPage(tenantId, site, space.key, page).page] : [];
      });
      await putPages(deps, tenantId, site.cloudId, pages);
    },
    async agent(tenantId, agentId, groups) {
      await putAgent(deps, tenantId, agentId, groupsWith(groups));
      return (await issueKey(deps, tenantId, agentId, { revokeOthers: false })).key;
    },
    async dashboardToken() {
      const response = await fetch(`${urls.issuer}/token`, {
        method: 'POST',
        body: JSON.stringify({ roles: ['Confluence.Manage.All'] }),
        headers: { 'content-type': 'application/json' },
      });
      return ((await response.json()) as { access_token: string }).access_token;
    },
    call: (key, operation, args = {}) => request('POST', `/api/confluence/tool/${operation}`, key, args),
    async mcp(key) {
      const client = new Client({ name: 'test', version: '1' });
      const transport = new StreamableHTTPClientTransport(new URL(`${urls.functions}/api/confluence/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${key}` } },
      });
      // The SDK's own class does not fit its interface under exactOptionalPropertyTypes.
      await client.connect(transport as Parameters<Client['connect']>[0]);
      return client;
    },
    async arrived() {
      const { requests } = (await simulator('GET', `/requests?since=${seen}`)) as { requests: LoggedRequest[] };
      seen = requests.at(-1)?.id ?? seen;
      return requests.filter(({ path }) => path.startsWith('/ex/'));
    },
  };
}
