import { AtlassianError } from '../../atlassian/errors.ts';
import type { Gateway } from '../../atlassian/gateway.ts';
import { getListPage, type ListPage } from '../../atlassian/list.ts';
import { type ConfluencePage, pageSchema } from '../../atlassian/schemas.ts';
import { noteAuthors } from '../../index/authors.ts';
import { readHeads, readHeadsById } from '../../index/heads.ts';
import { type PageHead, sortIdOf } from '../../index/page.ts';
import { patchHeads } from '../../index/write.ts';
import { readPageLabels } from '../page-labels.ts';
import type { GroupCursor, Position } from '../position.ts';
import { misfitProblems, type Step, type StepContext, type StepOutcome } from '../step.ts';
import { isNew, storePages } from '../store-pages.ts';
import { FULL_LIMIT, nextGroup, SMALLEST_WITH_BODIES } from './groups.ts';

/**
 * Lists a group's pages by id and merges each API page with the stored pages of the same stretch of ids: the two
 * streams have the same order, so memory holds one API page however large the site is. A stored page that the listing
 * does not show gets a question mark (`absentIn`); what it means is found out later.
 */
export const pages: Step<'pages'> = async (context, cursor) => {
  if (!cursor?.spaceIds.length) return { position: await beginGroup(context, cursor) };
  const group = cursor;
  const listed = await context.ahead.get(queryOf(group));
  const lastSortId = assertAscending(listed, group.lastSortId);
  const next = await advance(context, group, listed, lastSortId);
  if (next.spaceIds.length > 0) context.ahead.begin(queryOf(next));
  const outcome = await mergeStretch(context, group, listed, lastSortId);
  return { ...outcome, position: { step: 'pages', cursor: next } };
};

export type PagesQuery = ReturnType<typeof queryOf>;

export function listPages(gateway: Gateway, query: PagesQuery): Promise<ListPage<ConfluencePage>> {
  return getListPage(gateway, '/wiki/api/v2/pages', query, pageSchema);
}

function queryOf({ spaceIds, limit, bodies, cursor }: GroupCursor) {
  return {
    'space-id': spaceIds,
    status: 'current',
    sort: 'id',
    limit,
    ...(bodies ? { 'body-format': 'storage' } : {}),
    cursor,
  };
}

/** The group stands in the run before anything is requested: what fails is halved or split from there. */
async function beginGroup(context: StepContext, before: GroupCursor | null): Promise<Position> {
  const group = await nextGroup(context, before ?? undefined, startOf(context));
  if (group) return { step: 'pages', cursor: group };
  const unreadSpaceIds = before?.unreadSpaceIds ?? [];
  return { step: 'unlisted-spaces', cursor: { afterSpace: '', afterSortId: '', unreadSpaceIds } };
}

/** The first sync needs every body; later ones list without and fetch the bodies that changed. */
function startOf({ connection }: StepContext): { limit: number; bodies: boolean } {
  return { limit: FULL_LIMIT, bodies: connection.watermark === undefined };
}

async function advance(
  context: StepContext,
  group: GroupCursor,
  listed: ListPage<ConfluencePage>,
  lastSortId: string,
): Promise<GroupCursor> {
  if (listed.nextCursor !== undefined) {
    // After a failure the limit grows back slowly: what failed at 250 fails there again.
    const { bodies } = startOf(context);
    const worked = bodies && !group.bodies ? SMALLEST_WITH_BODIES : group.limit;
    const limit = Math.min(FULL_LIMIT, Math.ceil(worked * 1.5));
    return { ...group, cursor: listed.nextCursor, lastSortId, limit, bodies };
  }
  const next = await nextGroup(context, group, startOf(context));
  return next ?? { ...group, spaceIds: [], singles: [] };
}

/** Merges one stretch of ids: what is listed, what is stored, and what is only stored. */
async function mergeStretch(
  context: StepContext,
  group: GroupCursor,
  listed: ListPage<ConfluencePage>,
  lastSortId: string,
): Promise<Omit<StepOutcome, 'position'>> {
  const { deps, tenantId, site, run } = context;
  const seen = new Set([...listed.items.map(({ id }) => id), ...listed.misfits.map(({ id }) => id)]);
  const heads = new Map<string, PageHead>();
  const stretch = readHeads(deps, {
    tenantId,
    cloudId: site.cloudId,
    spaceIds: group.spaceIds,
    afterSortId: group.lastSortId,
    toSortId: listed.nextCursor === undefined ? undefined : lastSortId,
  });
  for await (const stored of stretch) {
    const absent = stored.filter((head) => !seen.has(head.pageId));
    await patchHeads(
      deps,
      tenantId,
      absent.filter((head) => head.absentIn !== run.runId).map((head) => ({ head, set: { absentIn: run.runId } })),
    );
    for (const head of stored) if (seen.has(head.pageId)) heads.set(head.pageId, head);
  }
  // A page that is new here may be stored under another space: it moved between groups, or it was removed and is back.
  const unknown = listed.items.filter(({ id }) => !heads.has(id)).map(({ id }) => id);
  for (const [id, head] of await readHeadsById(deps, tenantId, site.cloudId, unknown)) heads.set(id, head);

  const stored = await storePages(context, listed.items, heads, await labelsOfNew(context, listed.items, heads));
  await clearMarks(context, listed.items, heads, stored.writtenIds);
  await noteAuthors(deps, tenantId, authorsOf(listed.items));
  return {
    created: stored.created,
    counts: {
      ...stored.counts,
      found: listed.items.length + listed.misfits.length,
      skipped: (stored.counts.skipped ?? 0) + listed.misfits.length,
    },
    problems: [...stored.problems, ...misfitProblems(context, 'page', listed.misfits)],
  };
}

/**
 * Pages that came back or moved here bring their labels; a run without the labels pass asks for them one by one, so that
 * they need not wait for the next one.
 */
async function labelsOfNew(
  context: StepContext,
  items: readonly ConfluencePage[],
  heads: ReadonlyMap<string, PageHead>,
): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  if (context.run.passes.includes('labels')) return undefined;
  const newIds = items.map(({ id }) => id).filter((id) => isNew(heads.get(id)));
  return readPageLabels(context, newIds, heads);
}

/** Names leave the index after a week: who is still an author of a listed page is asked for again. */
function authorsOf(items: readonly ConfluencePage[]): string[] {
  return items.flatMap(({ authorId, version }) => [authorId, version.authorId]).filter((id) => typeof id === 'string');
}

/** A page that is listed is not missing; one that was just written has lost its marks with the old item. */
async function clearMarks(
  context: StepContext,
  items: readonly ConfluencePage[],
  heads: ReadonlyMap<string, PageHead>,
  writtenIds: readonly string[],
): Promise<void> {
  const written = new Set(writtenIds);
  const marked = items
    .map(({ id }) => heads.get(id))
    .filter((head) => head !== undefined)
    .filter((head) => !written.has(head.pageId) && head.deletedAt === undefined)
    .map((head) => ({
      head,
      set: {},
      unset: (['missingSince', 'absentIn'] as const).filter((mark) => head[mark] !== undefined),
    }))
    .filter(({ unset }) => unset.length > 0);
  await patchHeads(context.deps, context.tenantId, marked);
}

/**
 * Ids that do not ascend strictly mean that the listing is not what it says, and a merge with it would take pages for
 * absent that are not. Returns the highest id seen so far.
 */
function assertAscending(listed: ListPage<ConfluencePage>, lastSortId: string): string {
  let last = lastSortId;
  for (const { id } of listed.items) {
    if (sortIdOf(id) <= last) throw new AtlassianError('malformed', 'a listing by id is not in the order of ids');
    last = sortIdOf(id);
  }
  for (const { id } of listed.misfits)
    if (id !== undefined && /^\d+$/.test(id) && sortIdOf(id) > last) last = sortIdOf(id);
  return last;
}
