import type { ConfluencePage } from '../atlassian/schemas.ts';
import { noteAuthors } from '../index/authors.ts';
import { buildPage } from '../index/build-page.ts';
import type { PageHead } from '../index/page.ts';
import { putPages } from '../index/write.ts';
import { getSpacesById } from './ask-absent.ts';
import { fetchBodies } from './bodies.ts';
import { isChanged } from './compare.ts';
import type { RunCounters, RunProblem } from './run.ts';
import { misfitProblems, problem, type StepContext } from './step.ts';

export interface Stored {
  readonly counts: Partial<RunCounters>;
  readonly problems: readonly RunProblem[];
  readonly writtenIds: readonly string[];
  /** How many of the written ones the index did not have. */
  readonly created: number;
}

/**
 * Brings listed pages into the index: unchanged ones cost no write, changed ones are written with their body, which is
 * fetched first unless the listing carried it.
 *
 * @param heads what is stored of them, tombstones included
 * @param labels by page id, when the caller has asked for them; otherwise the stored labels stay
 */
export async function storePages(
  context: StepContext,
  listed: readonly ConfluencePage[],
  heads: ReadonlyMap<string, PageHead>,
  labels?: ReadonlyMap<string, readonly string[]>,
): Promise<Stored> {
  const keys = await spaceKeys(context, listed);
  const changed = listed.filter(
    (page) => isChanged(page, heads.get(page.id), keys.get(page.spaceId)) || labels?.has(page.id),
  );
  const withoutBody = changed.filter((page) => page.body.storage === undefined);
  const fetched = await fetchBodies(
    context.gateway,
    withoutBody.map(({ id }) => id),
  );
  const complete = [...changed.filter((page) => page.body.storage !== undefined), ...fetched.pages];
  const writtenIds = await convertAndPut(context, complete, keys, heads, labels);
  return {
    writtenIds,
    created: writtenIds.filter((id) => isNew(heads.get(id))).length,
    counts: {
      written: writtenIds.length,
      unchanged: listed.length - changed.length,
      skipped: fetched.unreadable.length + fetched.misfits.length,
    },
    problems: [
      ...misfitProblems(context, 'page', fetched.misfits),
      ...fetched.unreadable.map((id) => problem(context, 'page_unreadable', `page ${id} could not be read`)),
    ],
  };
}

/** Not in the index, or only as a tombstone. */
export function isNew(head: PageHead | undefined): boolean {
  return head === undefined || head.deletedAt !== undefined;
}

/** The keys of the pages' spaces; of a space that is not stored (it came after the listing of spaces) Confluence is asked. */
async function spaceKeys(context: StepContext, pages: readonly ConfluencePage[]): Promise<ReadonlyMap<string, string>> {
  const keys = new Map((await context.spaces()).map((space) => [space.spaceId, space.key]));
  const unknown = new Set(pages.map(({ spaceId }) => spaceId).filter((spaceId) => !keys.has(spaceId)));
  const { items } = await getSpacesById(context, [...unknown]);
  for (const { id, key } of items) keys.set(id, key);
  return keys;
}

async function convertAndPut(
  context: StepContext,
  pages: readonly ConfluencePage[],
  keys: ReadonlyMap<string, string>,
  heads: ReadonlyMap<string, PageHead>,
  labels: ReadonlyMap<string, readonly string[]> | undefined,
): Promise<string[]> {
  if (pages.length === 0) return [];
  const { deps, tenantId, site } = context;
  const built = pages.map((page) => buildPage(tenantId, site, keys.get(page.spaceId) ?? '', page));
  await noteAuthors(
    deps,
    tenantId,
    built.flatMap(({ accountIds }) => accountIds),
  );
  return putPages(
    deps,
    tenantId,
    site.cloudId,
    built.map(({ page }) => {
      const given = labels?.get(page.pageId);
      return given ? { ...page, labels: given } : page;
    }),
    heads,
  );
}
