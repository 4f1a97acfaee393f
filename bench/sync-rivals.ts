import { createV2Client } from 'confluence.js';
import { getAccessToken } from '../shared/connection/tokens.ts';
import { SecretText } from '../shared/platform/secret-text.ts';
import { connectSite, type SyncedTenant, settle, type World } from '../test/sync/support.ts';
import type { SyncRow } from './sync.ts';

const PAGES = 1_000;

interface Loader {
  load(): Promise<readonly unknown[]>;
}

/** The same 1,000 pages, without labels and attachments, which the others do not read. */
export async function* readWithOthers(world: World): AsyncGenerator<SyncRow> {
  const tenant = await connectSite(world, { pages: PAGES, spaces: 1, labels: 0, users: 50 });
  yield measured(world, tenant, 'confluence.js 3.2, getPages with bodies, 250 at a time', () =>
    withConfluenceJs(world, tenant),
  );
  yield measured(world, tenant, 'LangChain JS ConfluencePagesLoader, its own page size', () =>
    withLangChain(world, tenant),
  );
  yield measured(world, tenant, 'this application: indexed, with names and the index written', async () => {
    const { counters } = await settle(world, tenant);
    return counters.written;
  });
}

async function measured(
  world: World,
  { cloudId }: SyncedTenant,
  reader: string,
  read: () => Promise<number>,
): Promise<SyncRow> {
  await world.simulator('DELETE', 'stats');
  const startedAt = performance.now();
  let outcome: string;
  try {
    outcome = `${await read()} pages`;
  } catch (error) {
    outcome = String((error as Error).message).slice(0, 120);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { byCloudId } = await world.simulator<{
    byCloudId: Record<string, { requests: number; points: number }>;
  }>('GET', 'stats');
  const { requests = 0, points = 0 } = byCloudId[cloudId] ?? {};
  return { what: `1,000 pages by ${reader}`, outcome, requests, points, seconds: Math.round(seconds * 100) / 100 };
}

async function withConfluenceJs(world: World, tenant: SyncedTenant): Promise<number> {
  const accessToken = SecretText.reveal(await getAccessToken(world.deps, tenant.tenantId));
  const client = createV2Client({
    host: gatewayOf(world, tenant),
    auth: { type: 'bearer', token: accessToken },
  });
  let pages = 0;
  for (let cursor: string | undefined, more = true; more; ) {
    const answer = await client.page.getPages({ limit: 250, bodyFormat: 'storage', ...(cursor ? { cursor } : {}) });
    pages += answer.results?.length ?? 0;
    const next = answer._links?.next;
    cursor = next ? (new URL(next, 'https://site.invalid').searchParams.get('cursor') ?? undefined) : undefined;
    more = cursor !== undefined;
  }
  return pages;
}

/** Its package is installed in this folder alone (`npm ci --prefix bench`), so the types of the rest do not know it. */
async function withLangChain(world: World, tenant: SyncedTenant): Promise<number> {
  const name: string = '@langchain/community/document_loaders/web/confluence';
  const { ConfluencePagesLoader } = (await import(name)) as { ConfluencePagesLoader: new (options: object) => Loader };
  const loader = new ConfluencePagesLoader({
    baseUrl: `${gatewayOf(world, tenant)}/wiki`,
    spaceKey: 'S1',
    accessToken: SecretText.reveal(await getAccessToken(world.deps, tenant.tenantId)),
    username: '',
    maxRetries: 0,
  });
  return (await loader.load()).length;
}

function gatewayOf(world: World, { cloudId }: SyncedTenant): string {
  return `${world.env.ATLASSIAN_API_URL}/ex/confluence/${cloudId}`;
}
