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
 * the server's side is halved, down to single pages; a single page that fails twice while Confluence answers otherwise
 * is reported as unreadable. When Confluence does not answer either, the failure is thrown: it is an outage.
 */
export async function fetchBodies(gateway: Gateway, pageIds: readonly string[]): Promise<FetchedBodies> {
  const pages: ConfluencePage[] = [];
  const misfits: MisfitItem[] = [];
  const unreadable: string[] = [];
  const queue: (readonly string[])[] = chunks(pageIds, 250);
  for (let ids = queue.shift(); ids !== undefined; ids = queue.shift()) {
    try {
      const listed = await getPages(gateway, ids);
      pages.push(...listed.items);
      misfits.push(...listed.misfits);
    } catch (error) {
      if (!isAboutTheRequest(error)) throw error;
      if (ids.length > 1) queue.unshift(...chunks(ids, Math.ceil(ids.length / 2)));
      else if (!(await isAnswering(gateway))) throw error;
      else await getPages(gateway, ids).then(({ items }) => pages.push(...items), skipped(unreadable, ids));
    }
  }
  return { pages, misfits, unreadable };
}

function skipped(unreadable: string[], ids: readonly string[]) {
  return (error: unknown) => {
    if (!isAboutTheRequest(error)) throw error;
    unreadable.push(...ids);
  };
}

/** A time-out, a 5xx or an answer that is too large may be this request's own; a connection that breaks is not. */
function isAboutTheRequest(error: unknown): boolean {
  if (!(error instanceof AtlassianError)) return false;
  return error.kind === 'too_large' || (error.kind === 'outage' && (error.status !== undefined || error.timedOut));
}

/** Whether Confluence answers the cheapest listing: if not, the trouble is its own and not that of what was asked for. */
export async function isAnswering(gateway: Gateway): Promise<boolean> {
  try {
    await gateway.get('/wiki/api/v2/pages', { status: 'current', limit: 1 });
    return true;
  } catch (error) {
    if (error instanceof AtlassianError) return false;
    throw error;
  }
}

async function getPages(gateway: Gateway, ids: readonly string[]) {
  const items: ConfluencePage[] = [];
  const misfits: MisfitItem[] = [];
  let cursor: string | undefined;
  do {
    const query = { id: ids, status: 'current', 'body-format': 'storage', limit: 250, cursor };
    const listed = await getListPage(gateway, '/wiki/api/v2/pages', query, pageSchema);
    items.push(...listed.items);
    misfits.push(...listed.misfits);
    cursor = listed.nextCursor;
  } while (cursor !== undefined);
  return { items, misfits };
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let start = 0; start < values.length; start += size) result.push(values.slice(start, start + size));
  return result;
}
