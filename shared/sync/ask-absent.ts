import { getListPage, type ListPage } from '../atlassian/list.ts';
import { type ConfluencePage, type ConfluenceSpace, pageSchema, spaceSchema } from '../atlassian/schemas.ts';
import type { StepContext } from './step.ts';

/** What Confluence says of pages that a listing did not show. */
export interface Answers {
  /** Current in a space that is synced, or that this run did not get listed: to be kept and brought up to date. */
  readonly current: readonly ConfluencePage[];
  /** Trashed, archived, or current in a space that is not synced: gone from the index for good reason. */
  readonly goneIds: ReadonlySet<string>;
  /** Not shown here either. */
  readonly absentIds: readonly string[];
}

/**
 * Asks for pages by id, at most 250. Absence from a listing only raises a question, and 404 or silence never proves a
 * deletion, so the caller decides about `absentIds`. A page that Confluence shows in a form we do not understand
 * counts as seen: it is in none of the three.
 */
export async function askAbsent(context: StepContext, pageIds: readonly string[]): Promise<Answers> {
  const current: ConfluencePage[] = [];
  const goneIds = new Set<string>();
  const seen = new Set<string>();
  let allSeen = false;
  let cursor: string | undefined;
  do {
    const listed = await getListPage(
      context.gateway,
      '/wiki/api/v2/pages',
      { id: pageIds, status: ['current', 'archived', 'trashed'], limit: 250, cursor },
      pageSchema,
    );
    for (const page of listed.items) {
      seen.add(page.id);
      if (page.status === 'current') current.push(page);
      else goneIds.add(page.id);
    }
    for (const { id } of listed.misfits) {
      if (id === undefined) allSeen = true;
      else seen.add(id);
    }
    cursor = listed.nextCursor;
  } while (cursor !== undefined);

  const unsynced = await unsyncedSpaceIds(context, current);
  for (const page of current) if (unsynced.has(page.spaceId)) goneIds.add(page.id);
  return {
    current: current.filter((page) => !goneIds.has(page.id)),
    goneIds,
    absentIds: allSeen ? [] : pageIds.filter((id) => !seen.has(id)),
  };
}

/** Of the spaces that these pages are in, the ones that are archived, of a type that is not synced, or excluded. */
async function unsyncedSpaceIds(context: StepContext, pages: readonly ConfluencePage[]): Promise<Set<string>> {
  const listedByThisRun = new Set(
    (await context.spaces()).filter(({ listedIn }) => listedIn === context.run.runId).map(({ spaceId }) => spaceId),
  );
  const excluded = new Set(
    (await context.spaces())
      .filter(({ key }) => context.connection.excludedKeys.includes(key))
      .map(({ spaceId }) => spaceId),
  );
  const unknown = [...new Set(pages.map(({ spaceId }) => spaceId))].filter((id) => !listedByThisRun.has(id));
  const { items: found } = await getSpacesById(context, unknown);
  return new Set([...excluded, ...found.filter((space) => !isSyncable(context, space)).map(({ id }) => id)]);
}

/** These spaces, at most 250, as Confluence shows them now, of any status and type. */
export async function getSpacesById(
  { gateway }: Pick<StepContext, 'gateway'>,
  spaceIds: readonly string[],
): Promise<Pick<ListPage<ConfluenceSpace>, 'items' | 'misfits'>> {
  if (spaceIds.length === 0) return { items: [], misfits: [] };
  return getListPage(gateway, '/wiki/api/v2/spaces', { ids: spaceIds, limit: 250 }, spaceSchema);
}

/** Current, of a synced type, and not excluded by the dashboard. */
export function isSyncable({ deps, connection }: StepContext, space: ConfluenceSpace): boolean {
  return (
    space.status === 'current' &&
    deps.settings.SYNC_SPACE_TYPES.includes(space.type) &&
    !connection.excludedKeys.includes(space.key)
  );
}
