import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Container, CosmosClient } from '@azure/cosmos';
import { startCosmos } from '../../local/cosmos/server.ts';
import type { ConfluencePage } from '../../shared/atlassian/schemas.ts';
import { buildPage } from '../../shared/index/build-page.ts';
import { readHeadsById } from '../../shared/index/heads.ts';
import type { IndexScope } from '../../shared/index/read.ts';
import { type IndexSearch, type SearchHit, searchIndex } from '../../shared/index/search/search.ts';
import { putPages, removePages } from '../../shared/index/write.ts';
import { containers } from '../../shared/platform/containers.ts';

/** A page as a test writes it. */
export interface TestPage {
  readonly id: string;
  readonly title: string;
  /** Storage format. */
  readonly body: string;
  readonly spaceKey?: string;
  readonly parentId?: string;
  readonly authorId?: string;
  readonly labels?: readonly string[];
  readonly modifiedAt?: string;
}

export interface TestIndex {
  readonly pages: Container;
  put(tenantId: string, ...pages: TestPage[]): Promise<void>;
  putAt(cloudId: string, tenantId: string, ...pages: TestPage[]): Promise<void>;
  remove(tenantId: string, pageId: string): Promise<void>;
  search(tenantId: string, query: string, more?: SearchOptions): Promise<readonly SearchHit[]>;
  titles(tenantId: string, query: string, more?: SearchOptions): Promise<string[]>;
  answer(tenantId: string, search: IndexSearch): ReturnType<typeof searchIndex>;
  close(): Promise<void>;
}

type SearchOptions = Partial<Omit<IndexSearch, 'query'>> & { readonly excludedKeys?: readonly string[] };

export const CLOUD_ID = 'c10dd1d0-0000-4000-8000-000000000001';
export const SITE_URL = 'https://acme.atlassian.net';

/** An index in an emulator of its own; each test takes a tenant of its own. */
export async function startIndex(): Promise<TestIndex> {
  const dataDir = await mkdtemp(join(tmpdir(), 'search-'));
  const cosmos = await startCosmos({ port: 0, dataDir });
  const client = new CosmosClient({ endpoint: cosmos.url, key: 'a2V5' });
  const { database } = await client.databases.createIfNotExists({ id: 'confluence' });
  const definition = structuredClone(containers.find(({ id }) => id === 'pages'));
  const { container: pages } = await database.containers.createIfNotExists(definition as never);
  const deps = { pages, now: () => new Date() };

  const index: TestIndex = {
    pages,
    put: (tenantId, ...given) => index.putAt(CLOUD_ID, tenantId, ...given),
    async putAt(cloudId, tenantId, ...given) {
      const site = { cloudId, name: 'acme', url: SITE_URL };
      const built = given.map((page) => ({
        ...buildPage(tenantId, site, page.spaceKey ?? 'IT', sourceOf(page)).page,
        labels: page.labels ?? [],
      }));
      await putPages(deps, tenantId, cloudId, built);
    },
    async remove(tenantId, pageId) {
      const heads = await readHeadsById(deps, tenantId, CLOUD_ID, [pageId]);
      await removePages(deps, tenantId, CLOUD_ID, [...heads.values()]);
    },
    answer: (tenantId, search) => searchIndex(deps, scopeOf(tenantId), search),
    async search(tenantId, query, { excludedKeys = [], ...more } = {}) {
      const { results } = await searchIndex(deps, scopeOf(tenantId, excludedKeys), { query, limit: 10, ...more });
      return results;
    },
    async titles(tenantId, query, more) {
      return (await index.search(tenantId, query, more)).map(({ title }) => title);
    },
    async close() {
      client.dispose();
      await cosmos.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return index;
}

function scopeOf(tenantId: string, excludedKeys: readonly string[] = []): IndexScope {
  return { tenantId, cloudId: CLOUD_ID, excludedKeys };
}

function sourceOf({ id, title, body, parentId, authorId, modifiedAt }: TestPage): ConfluencePage {
  const createdAt = modifiedAt ?? '2026-05-01T08:00:00.000Z';
  return {
    id,
    status: 'current',
    title,
    spaceId: '1',
    parentId: parentId ?? null,
    parentType: parentId === undefined ? null : 'page',
    authorId: authorId ?? '712020:author',
    createdAt,
    version: { number: 1, createdAt, authorId: authorId ?? '712020:author' },
    body: { storage: { value: body, representation: 'storage' } },
    _links: { webui: `/spaces/IT/pages/${id}/${encodeURIComponent(title)}` },
  } as unknown as ConfluencePage;
}
