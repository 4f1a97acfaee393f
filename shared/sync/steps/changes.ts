import { getListPage, type ListPage } from '../../atlassian/list.ts';
import { type ConfluencePage, pageSchema } from '../../atlassian/schemas.ts';
import { readHeadsById } from '../../index/heads.ts';
import { isChanged } from '../compare.ts';
import { getPageLabels } from '../page-labels.ts';
import type { Cursors, GroupCursor } from '../position.ts';
import { misfitProblems, type Step, type StepContext } from '../step.ts';
import { storePages } from '../store-pages.ts';
import { FULL_LIMIT, nextGroup } from './groups.ts';

/** Most deltas find a handful of pages; only a long list is worth large answers. */
const FIRST_LIMIT = 25;

/** Listed again beyond the watermark: dates are given by several of Atlassian's servers. */
export const OVERLAP_MS = 5 * 60_000;

/**
 * Lists what changed since the watermark, newest first, with bodies, group by group. Removals, moves and label changes
 * do not show here reliably; the passes of a full run find them.
 */
export const changes: Step<'changes'> = async (context, cursor) => {
  const start = { limit: FIRST_LIMIT, bodies: true };
  const group = cursor?.spaceIds.length ? cursor : await nextGroup(context, cursor ?? undefined, start);
  if (!group) return { position: { step: 'authors', cursor: null } };
  const since = cursor?.since ?? sinceOf(context);
  const listed = await getListPage(
    context.gateway,
    '/wiki/api/v2/pages',
    {
      'space-id': group.spaceIds,
      status: 'current',
      sort: '-modified-date',
      limit: group.limit,
      ...(group.bodies ? { 'body-format': 'storage' } : {}),
      cursor: group.cursor,
    },
    pageSchema,
  );
  const recent = listed.items.filter((page) => Date.parse(page.version.createdAt) >= Date.parse(since));
  const { counts, problems } = await store(context, recent);
  return {
    position: { step: 'changes', cursor: await advance(context, { ...group, since }, listed, recent.length) },
    counts: {
      ...counts,
      found: recent.length,
      skipped: (counts.skipped ?? 0) + listed.misfits.length,
    },
    problems: [...problems, ...misfitProblems(context, 'page', listed.misfits)],
  };
};

function sinceOf({ connection }: StepContext): string {
  return new Date(Date.parse(connection.watermark ?? '1970-01-01T00:00:00Z') - OVERLAP_MS).toISOString();
}

async function store(context: StepContext, recent: readonly ConfluencePage[]) {
  const { deps, tenantId, site } = context;
  const heads = await readHeadsById(
    deps,
    tenantId,
    site.cloudId,
    recent.map(({ id }) => id),
  );
  const labels = new Map<string, readonly string[]>();
  for (const page of recent) {
    if (!isChanged(page, heads.get(page.id))) continue;
    labels.set(page.id, (await getPageLabels(context.gateway, page.id)) ?? heads.get(page.id)?.labels ?? []);
  }
  return storePages(context, recent, heads, labels);
}

async function advance(
  context: StepContext,
  group: GroupCursor & { since: string },
  listed: ListPage<ConfluencePage>,
  recentCount: number,
): Promise<NonNullable<Cursors['changes']>> {
  const reachedOld = recentCount < listed.items.length;
  if (listed.nextCursor !== undefined && !reachedOld) {
    return { ...group, cursor: listed.nextCursor, limit: Math.min(FULL_LIMIT, group.limit * 10) };
  }
  const next = await nextGroup(context, group, { limit: FIRST_LIMIT, bodies: true });
  return { ...(next ?? { ...group, spaceIds: [], singles: [] }), since: group.since };
}
