import type { Gateway } from '../../atlassian/gateway.ts';
import { getListPage } from '../../atlassian/list.ts';
import { pageSchema, searchSchema } from '../../atlassian/schemas.ts';
import type { Probe } from '../../connection/record.ts';
import { afterPass, type Step } from '../step.ts';

/**
 * Looks at the newest page before anything is listed: what changes while the run lists is newer than this look, so the
 * next delta finds it. The first sync also asks how many pages there are, for a person who watches the progress.
 */
export const probe: Step<'probe'> = async ({ gateway, run }) => {
  const newest = await newestPage(gateway);
  const estimatedPages = run.trigger === 'connect' ? await pageCount(gateway).catch(() => undefined) : undefined;
  return {
    position: afterPass(run),
    ...(newest ? { probe: newest } : {}),
    ...(estimatedPages === undefined ? {} : { estimatedPages }),
  };
};

/** The page of the whole site that changed last; `undefined` on a site without pages. Costs 2 points. */
export async function newestPage(gateway: Gateway): Promise<Probe | undefined> {
  const { items } = await getListPage(
    gateway,
    '/wiki/api/v2/pages',
    { status: 'current', sort: '-modified-date', limit: 1 },
    pageSchema,
  );
  const [page] = items;
  return page && { pageId: page.id, versionCreatedAt: page.version.createdAt, versionNumber: page.version.number };
}

/** How many pages search counts. Its index lags and knows other spaces: good for a hint, never for a conclusion. */
export async function pageCount(gateway: Gateway): Promise<number | undefined> {
  const answer = await gateway.get('/wiki/rest/api/search', { cql: 'type=page', limit: 1 });
  return searchSchema.safeParse(answer).data?.totalSize;
}

export function isSameProbe(a: Probe | undefined, b: Probe | undefined): boolean {
  return (
    a?.pageId === b?.pageId && a?.versionNumber === b?.versionNumber && a?.versionCreatedAt === b?.versionCreatedAt
  );
}
