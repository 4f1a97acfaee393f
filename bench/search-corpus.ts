import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Container, CosmosClient } from '@azure/cosmos';
import { generateBody } from '../local/confluence/content/generated-body.ts';
import { generatedTitle } from '../local/confluence/content/titles.ts';
import { startConfluence } from '../local/confluence/server.ts';
import { startCosmos } from '../local/cosmos/server.ts';
import type { ConfluencePage } from '../shared/atlassian/schemas.ts';
import { buildPage } from '../shared/index/build-page.ts';
import type { IndexScope } from '../shared/index/read.ts';
import { putPages } from '../shared/index/write.ts';
import { containers } from '../shared/platform/containers.ts';

/** A page of the knowledge base as a question names it: `IT/vpn`. */
export interface KnownPage {
  readonly name: string;
  readonly pageId: string;
  readonly title: string;
  readonly text: string;
}

export interface Corpus {
  readonly pages: Container;
  readonly scope: IndexScope;
  readonly known: readonly KnownPage[];
  /** Asks the simulator's own search, over the same pages. */
  confluence(path: string): Promise<unknown>;
  /** Adds generated pages of IT texts until this many are in the index. */
  grow(total: number): Promise<void>;
  close(): Promise<void>;
}

const FOLDER = `${import.meta.dirname}/../local/confluence/knowledge-base`;
/** The spaces that a sync takes: current, and of a synced type. */
export const SPACE_KEYS = ['IT', 'OPS', 'SEC', 'HR'];
export const TENANT_ID = 'bench';
const GENERATED_BYTES = 4_000;
const AT_ONCE = 500;

/** A container with the policies of `pages`. */
export interface Store {
  readonly pages: Container;
  close(): Promise<void>;
}

/** The container in the Cosmos DB emulator, over HTTP. */
export async function emulatedStore(): Promise<Store> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-search-'));
  const cosmos = await startCosmos({ port: 0, dataDir });
  const client = new CosmosClient({ endpoint: cosmos.url, key: 'a2V5' });
  return {
    pages: await createContainer(client),
    async close() {
      client.dispose();
      await cosmos.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

/** The simulator's knowledge base, and an index of it. */
export async function startCorpus({ pages, close }: Store): Promise<Corpus> {
  const simulator = await startConfluence({ port: 0, dataDir: ':memory:' });
  const { site, get } = await connect(simulator.url);
  const known = await indexKnowledgeBase(pages, site, get);
  let stored = known.length;
  return {
    pages,
    known,
    scope: { tenantId: TENANT_ID, cloudId: site.cloudId, excludedKeys: [] },
    confluence: get,
    async grow(total) {
      for (; stored < total; stored += AT_ONCE) {
        const sources = Array.from({ length: Math.min(AT_ONCE, total - stored) }, (_, i) => generatedPage(stored + i));
        const built = sources.map((source) => buildPage(TENANT_ID, site, 'GEN', source).page);
        await putPages({ pages, now: () => new Date() }, TENANT_ID, site.cloudId, built, new Map());
      }
    },
    async close() {
      await Promise.all([close(), simulator.close()]);
    },
  };
}

async function createContainer(client: CosmosClient): Promise<Container> {
  const { database } = await client.databases.createIfNotExists({ id: 'confluence' });
  const definition = containers.find(({ id }) => id === 'pages');
  const { container } = await database.containers.createIfNotExists(structuredClone(definition) as never);
  return container;
}

interface Site {
  readonly cloudId: string;
  readonly name: string;
  readonly url: string;
}

type Get = (path: string) => Promise<unknown>;

async function connect(simulatorUrl: string): Promise<{ site: Site; get: Get }> {
  const control = async <T>(path: string, body: unknown): Promise<T> => {
    const response = await fetch(`${simulatorUrl}/_simulator${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const accountId = '712020:00000000-0000-4000-8000-00000000be9c';
  await control('/accounts', { accountId, displayName: 'Bench', email: 'bench@acme.example' });
  const site = await control<Site>('/sites/knowledge-base', { name: 'bench', folder: FOLDER, accounts: [accountId] });
  const { access_token } = await control<{ access_token: string }>('/grants', { accountId, cloudIds: [site.cloudId] });
  const get = async (path: string) => {
    const response = await fetch(`${simulatorUrl}/ex/confluence/${site.cloudId}${path}`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return { site, get };
}

interface Listing<T> {
  readonly results: readonly T[];
}

/** What a sync would store: pages of the synced spaces, converted, with their labels. */
async function indexKnowledgeBase(pages: Container, site: Site, get: Get): Promise<KnownPage[]> {
  const spaces = (await get('/wiki/api/v2/spaces?limit=250')) as Listing<{ id: string; key: string }>;
  const known: KnownPage[] = [];
  for (const key of SPACE_KEYS) {
    const id = spaces.results.find((space) => space.key === key)?.id;
    const listed = (await get(
      `/wiki/api/v2/pages?space-id=${id}&status=current&body-format=storage&limit=250`,
    )) as Listing<ConfluencePage>;
    const entries = JSON.parse(readFileSync(`${FOLDER}/${key}/index.json`, 'utf8')) as {
      slug: string;
      title: string;
      status?: string;
      labels: string[];
    }[];
    const built = listed.results.map((source) => {
      const entry = entries.find(({ title, status = 'current' }) => title === source.title && status === 'current');
      const { page } = buildPage(TENANT_ID, site, key, source);
      known.push({ name: `${key}/${entry?.slug}`, pageId: page.pageId, title: page.title, text: page.text });
      return { ...page, labels: entry?.labels ?? [] };
    });
    await putPages({ pages, now: () => new Date() }, TENANT_ID, site.cloudId, built);
  }
  return known;
}

function generatedPage(index: number): ConfluencePage {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
  const body = { seed: 7, index, bodyVersion: 1, bodyBytes: GENERATED_BYTES, users: 50, pages: 20_000 };
  return {
    id: String(900_000_000 + index),
    status: 'current',
    title: generatedTitle(7, index),
    spaceId: '900000',
    parentId: null,
    parentType: null,
    authorId: '712020:bench',
    createdAt,
    version: { number: 1, createdAt, authorId: '712020:bench' },
    body: { storage: { value: generateBody(body), representation: 'storage' } },
    _links: {},
  } as unknown as ConfluencePage;
}
