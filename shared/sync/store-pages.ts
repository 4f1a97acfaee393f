import type { ConfluencePage } from '../atlassian/schemas.ts';
import { noteAuthors } from '../index/authors.ts';
import { buildPage } from '../index/build-page.ts';
import type { PageHead } from '../index/page.ts';
import { putPages } from '../index/write.ts';
import { fetchBodies } from './bodies.ts';
import { isChanged } from './compare.ts';
import type { RunCounters, RunProblem } from './run.ts';
import { misfitProblems, problem, type StepContext } from './step.ts';

export interface Stored {
  readonly counts: Partial<RunCounters>;
  readonly problems: readonly RunProblem[];
  readonly writtenIds: readonly string[];
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
  const changed = listed.filter((page) => isChanged(page, heads.get(page.id)) || labels?.has(page.id));
  const withoutBody = changed.filter((page) => page.body.storage === undefined);
  const fetched = await fetchBodies(
    context.gateway,
    withoutBody.map(({ id }) => id),
  );
  const complete = [...changed.filter((page) => page.body.storage !== undefined), ...fetched.pages];
  const writtenIds = await convertAndPut(context, complete, heads, labels);
  return {
    writtenIds,
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

async function convertAndPut(
  context: StepContext,
  pages: readonly ConfluencePage[],
  heads: ReadonlyMap<string, PageHead>,
  labels: ReadonlyMap<string, readonly string[]> | undefined,
): Promise<string[]> {
  if (pages.length === 0) return [];
  const { deps, tenantId, site } = context;
  const keys = new Map((await context.spaces()).map((space) => [space.spaceId, space.key]));
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
