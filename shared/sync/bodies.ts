import { AtlassianError } from '../atlassian/errors.ts';
import type { Gateway } from '../atlassian/gateway.ts';
import { getListPage, type MisfitItem } from '../atlassian/list.ts';
import { type ConfluencePage, pageSchema } from '../atlassian/schemas.ts';

export interface FetchedBodies {
  readonly pages: readonly ConfluencePage[];
  readonly misfits: readonly MisfitItem[];
  /** Pages that Confluence cannot deliver, while it delivers others. */
  readonly unreadable: readonly string[];
}

/**
 * Gets current pages with their storage bodies by id, at most 250 at a time. A request that fails for its size or on
 * the server's side is halved, down to single pages; a single page that fails while Confluence answers otherwise is
 * reported as unreadable. When nothing is answered at all, the failure is thrown: it is an outage, not the pages'.
 */
export async function fetchBodies(gateway: Gateway, pageIds: readonly string[]): Promise<FetchedBodies> {
  const pages: ConfluencePage[] = [];
  const misfits: MisfitItem[] = [];
  const unreadable: string[] = [];
  const queue: (readonly string[])[] = chunks(pageIds, 250);
  let lastFailure: AtlassianError | undefined;
  for (let ids = queue.shift(); ids !== undefined; ids = queue.shift()) {
    try {
      const listed = await getPages(gateway, ids);
      pages.push(...listed.items);
      misfits.push(...listed.misfits);
    } catch (error) {
      if (!(error instanceof AtlassianError) || !['outage', 'too_large'].includes(error.kind)) throw error;
      lastFailure = error;
      if (ids.length > 1) queue.unshift(...chunks(ids, Math.ceil(ids.length / 2)));
      else unreadable.push(...ids);
    }
  }
  if (lastFailure && unreadable.length === pageIds.length) await assertAnswering(gateway);
  return { pages, misfits, unreadable };
}

/** Throws what the cheapest listing throws: then the trouble is Confluence's, not the pages'. */
async function assertAnswering(gateway: Gateway): Promise<void> {
  await gateway.get('/wiki/api/v2/pages', { status: 'current', limit: 1 });
}

async function getPages(gateway: Gateway, ids: readonly string[]) {
  return getListPage(
    gateway,
    '/wiki/api/v2/pages',
    { id: ids, status: 'current', 'body-format': 'storage', limit: 250 },
    pageSchema,
  );
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let start = 0; start < values.length; start += size) result.push(values.slice(start, start + size));
  return result;
}
