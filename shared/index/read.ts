import type { PageReference } from '../content/links.ts';
import { type IncludedPage, type Resolver, resolveReferences } from '../content/resolve.ts';
import type { Deps } from '../platform/deps.ts';
import { readItem } from '../platform/items.ts';
import { fetchAll } from '../platform/query.ts';
import { readPageAttachments } from './attachments.ts';
import { readNames } from './authors.ts';
import { type PageItem, pageItemId, type TombstoneItem } from './page.ts';
import { joinBody } from './parts.ts';

type ReadDeps = Pick<Deps, 'pages' | 'control'>;

/** What of the index a reader may see: one tenant's pages of its connected site, without the excluded spaces. */
export interface IndexScope {
  readonly tenantId: string;
  readonly cloudId: string;
  readonly excludedKeys: readonly string[];
}

/** A page with its whole body: Markdown with references. */
export type IndexedPage = PageItem & { readonly markdown: string };

/** A page as the API answers it: names and includes resolved, attachments listed. */
export interface PageView {
  readonly pageId: string;
  readonly title: string;
  readonly url: string;
  readonly spaceKey: string;
  readonly spaceName: string | null;
  readonly parentId: string | null;
  readonly version: { readonly number: number; readonly createdAt: string };
  readonly author: { readonly accountId: string; readonly name: string | null } | null;
  readonly lastModifiedBy: { readonly accountId: string; readonly name: string | null } | null;
  readonly createdAt: string;
  readonly lastModifiedAt: string;
  readonly labels: readonly string[];
  readonly attachments: readonly {
    readonly id: string;
    readonly fileName: string;
    readonly mediaType: string | null;
    readonly sizeBytes: number | null;
    readonly url: string;
  }[];
  readonly body: string;
  readonly indexedAt: string;
}

const READ_ATTEMPTS = 3;

/** A page and its body; `undefined` when it is not there, removed, or in an excluded space. */
export async function readPage(deps: ReadDeps, scope: IndexScope, pageId: string): Promise<IndexedPage | undefined> {
  // Parts that are gone mean that the head was switched between the two reads: its new one is read then.
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
    const item = await readHead(deps, scope, pageId);
    if (!item) return undefined;
    const markdown = await joinBody(deps, item);
    if (markdown !== undefined) return { ...item, markdown };
  }
  throw new Error(`page ${pageId} was replaced during every attempt to read it`);
}

/** A page without the body that may stand in parts. An id out of a body may be any text, an attachment's included. */
export async function readHead(
  deps: Pick<Deps, 'pages'>,
  { tenantId, cloudId, excludedKeys }: IndexScope,
  pageId: string,
): Promise<PageItem | undefined> {
  const stored = await readItem<PageItem | TombstoneItem>(deps.pages, tenantId, pageItemId(cloudId, pageId));
  if (stored?.item.type !== 'page' || 'deletedAt' in stored.item) return undefined;
  return excludedKeys.includes(stored.item.spaceKey) ? undefined : stored.item;
}

/** A page as the dashboard's route answers it; `undefined` as for {@link readPage}. */
export async function readPageView(deps: ReadDeps, scope: IndexScope, pageId: string): Promise<PageView | undefined> {
  const page = await readPage(deps, scope, pageId);
  if (!page) return undefined;
  const { tenantId, cloudId } = scope;
  const people = [page.authorId, page.lastModifiedById].filter((id) => id !== null);
  const [names, attachments, spaceName, body] = await Promise.all([
    readNames(deps, tenantId, people),
    readPageAttachments(deps, tenantId, cloudId, pageId),
    readSpaceName(deps, tenantId, cloudId, page.spaceId),
    resolveReferences(page.markdown, indexResolver(deps, scope), { pageId }),
  ]);
  const person = (accountId: string | null) => accountId && { accountId, name: names.get(accountId) ?? null };
  return {
    pageId,
    title: page.title,
    url: page.url,
    spaceKey: page.spaceKey,
    spaceName,
    parentId: page.parentId,
    version: page.version,
    author: person(page.authorId) || null,
    lastModifiedBy: person(page.lastModifiedById) || null,
    createdAt: page.createdAt,
    lastModifiedAt: page.lastModifiedAt,
    labels: page.labels,
    attachments: attachments.map(({ attachmentId, fileName, mediaType, sizeBytes, url }) => ({
      id: attachmentId,
      fileName,
      mediaType,
      sizeBytes,
      url,
    })),
    body,
    indexedAt: page.indexedAt,
  };
}

/** Resolves mentions by the stored names, and includes by the stored pages that this reader may see. */
export function indexResolver(deps: ReadDeps, scope: IndexScope): Resolver {
  return {
    async displayNames(accountIds) {
      const names = await readNames(deps, scope.tenantId, accountIds);
      return new Map([...names].flatMap(([id, name]) => (name === null ? [] : [[id, name]])));
    },
    pages: (references) => includedPages(deps, scope, references),
  };
}

/** The pages that others include: by id, or by space and title as Confluence's editor stores them. */
async function includedPages(
  deps: ReadDeps,
  scope: IndexScope,
  references: readonly PageReference[],
): Promise<(IncludedPage | undefined)[]> {
  const titles = references.flatMap(({ pageId, title }) =>
    pageId === undefined && title !== undefined ? [title] : [],
  );
  const titled = await pagesByTitle(deps, scope, titles);
  return Promise.all(
    references.map(async ({ pageId, spaceKey, title = '' }) => {
      const isNamed = (page: TitledPage) => page.spaceKey === spaceKey && page.titleLower === title.toLowerCase();
      const id = pageId ?? titled.find(isNamed)?.pageId;
      const page = id === undefined ? undefined : await readPage(deps, scope, id);
      return page && { pageId: page.pageId, title: page.title, url: page.url, markdown: page.markdown };
    }),
  );
}

type TitledPage = Pick<PageItem, 'pageId' | 'spaceId' | 'spaceKey' | 'titleLower'>;

/** The pages with exactly one of these titles, upper and lower case aside; a title is unique within its space. */
export async function pagesByTitle(
  deps: Pick<Deps, 'pages'>,
  { tenantId, cloudId, excludedKeys }: IndexScope,
  titles: readonly string[],
): Promise<TitledPage[]> {
  if (titles.length === 0) return [];
  const pages = await fetchAll<TitledPage>(deps.pages, tenantId, {
    select: 'c.pageId, c.spaceId, c.spaceKey, c.titleLower',
    where:
      'c.type = "page" AND c.cloudId = @cloudId AND ARRAY_CONTAINS(@titles, c.titleLower) AND NOT IS_DEFINED(c.deletedAt)',
    parameters: { cloudId, titles: titles.map((title) => title.toLowerCase()) },
  });
  return pages.filter(({ spaceKey }) => !excludedKeys.includes(spaceKey));
}

async function readSpaceName(
  deps: Pick<Deps, 'control'>,
  tenantId: string,
  cloudId: string,
  spaceId: string,
): Promise<string | null> {
  const space = await readItem<{ id: string; name: string }>(deps.control, tenantId, `space:${cloudId}:${spaceId}`);
  return space?.item.name ?? null;
}
