import type { IncludedPage, Resolver } from '../content/resolve.ts';
import { type PageItem, pageItemId, type TombstoneItem } from '../index/page.ts';
import { joinBody } from '../index/parts.ts';
import { readItem } from '../platform/items.ts';
import { fetchAll } from '../platform/query.ts';
import { isExcluded } from './fence.ts';
import type { ToolContext } from './operation.ts';
import { namesOf } from './people.ts';

/** A page as the index holds it: metadata, and the body as Markdown with references. */
export type IndexedPage = PageItem & { readonly markdown: string };

const READ_ATTEMPTS = 3;
const BREADCRUMB_MAX = 15;

/** A page of the connected site out of the index; `undefined` when it is not there, gone or excluded. */
export async function readIndexedPage(context: ToolContext, pageId: string): Promise<IndexedPage | undefined> {
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
    const item = await readHead(context, pageId);
    if (!item) return undefined;
    const markdown = await joinBody(context.deps, item);
    if (markdown !== undefined) return { ...item, markdown };
  }
  return undefined;
}

async function readHead(context: ToolContext, pageId: string): Promise<PageItem | undefined> {
  const { deps, tenantId, site } = context;
  const stored = await readItem<PageItem | TombstoneItem>(deps.pages, tenantId, pageItemId(site.cloudId, pageId));
  if (!stored || 'deletedAt' in stored.item || isExcluded(context, stored.item.spaceKey)) return undefined;
  return stored.item;
}

/** The way from the space's root to a page, without the page: from `parentId` to `parentId` in the index. */
export async function breadcrumbOf(
  context: ToolContext,
  parentId: string | null | undefined,
): Promise<{ trail: { pageId: string; title: string }[]; complete: boolean }> {
  const trail: { pageId: string; title: string }[] = [];
  const seen = new Set<string>();
  let next = parentId;
  while (next && !seen.has(next) && trail.length < BREADCRUMB_MAX) {
    seen.add(next);
    const item = await readHead(context, next);
    if (!item) return { trail, complete: false };
    trail.unshift({ pageId: item.pageId, title: item.title });
    next = item.parentId;
  }
  return { trail, complete: true };
}

/** Resolves mentions and includes of a body: names only while *users* is on, pages from the index. */
export function referenceResolver(context: ToolContext): Resolver & { readonly namesComplete: () => boolean } {
  let namesComplete = true;
  return {
    namesComplete: () => namesComplete,
    async displayNames(accountIds) {
      const { byAccountId, complete } = await namesOf(context, accountIds);
      namesComplete &&= complete;
      return byAccountId;
    },
    pages: (references) =>
      Promise.all(
        references.map(async ({ pageId, spaceKey, title }): Promise<IncludedPage | undefined> => {
          const id = pageId ?? (await pageIdOfTitle(context, spaceKey, title));
          const page = id === undefined ? undefined : await readIndexedPage(context, id);
          return page && { pageId: page.pageId, title: page.title, url: page.url, markdown: page.markdown };
        }),
      ),
  };
}

async function pageIdOfTitle(
  { deps, tenantId, site }: ToolContext,
  spaceKey: string | undefined,
  title: string | undefined,
): Promise<string | undefined> {
  if (spaceKey === undefined || title === undefined) return undefined;
  const [row] = await fetchAll<{ pageId: string }>(deps.pages, tenantId, {
    select: 'c.pageId',
    where:
      'c.type = "page" AND c.cloudId = @cloudId AND c.spaceKey = @spaceKey AND c.titleLower = @title AND NOT IS_DEFINED(c.deletedAt)',
    parameters: { cloudId: site.cloudId, spaceKey, title: title.toLowerCase() },
  });
  return row?.pageId;
}
