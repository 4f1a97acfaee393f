import { getListPage, type ListPage } from '../../atlassian/list.ts';
import { type ConfluencePage, pageSchema } from '../../atlassian/schemas.ts';
import { readHeadsById } from '../../index/heads.ts';
import { addCounts } from '../checkpoint.ts';
import { isChanged } from '../compare.ts';
import { readPageLabels } from '../page-labels.ts';
import type { Cursors, GroupCursor, Position } from '../position.ts';
import { NO_COUNTS, type RunCounters, type RunProblem } from '../run.ts';
import { misfitProblems, type Step, type StepContext } from '../step.ts';
import { storePages } from '../store-pages.ts';
import { FULL_LIMIT, nextGroup } from './groups.ts';

/**
 * Most deltas find a handful of pages, and every page that is listed costs a point, new or old: with thousands of tenants
 * a first look at 25 would cost more than all probes. Only a long list is worth large answers.
 */
export const FIRST_LIMIT = 10;
const PAGES_AT_A_TIME = 25;

/** Listed again beyond the watermark: dates are given by several of Atlassian's servers. */
export const OVERLAP_MS = 5 * 60_000;

/**
 * Lists what changed since the watermark, newest first, with bodies, group by group. Removals, moves and label changes
 * do not show here reliably; the passes of a full run find them.
 */
export const changes: Step<'changes'> = async (context, cursor) => {
  if (!cursor?.spaceIds.length) return { position: await beginGroup(context, cursor) };
  const { since, ...group } = cursor;
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
  const { counts, created, problems } = await store(context, recent);
  return {
    position: { step: 'changes', cursor: await advance(context, { ...group, since }, listed, recent.length) },
    created,
    counts: {
      ...counts,
      found: recent.length,
      skipped: (counts.skipped ?? 0) + listed.misfits.length,
    },
    problems: [...problems, ...misfitProblems(context, 'page', listed.misfits)],
  };
};

async function beginGroup(context: StepContext, before: Cursors['changes']): Promise<Position> {
  const group = await nextGroup(context, before ?? undefined, { limit: FIRST_LIMIT, bodies: true });
  if (group) return { step: 'changes', cursor: { ...group, since: before?.since ?? sinceOf(context) } };
  return context.run.interlude?.goesOnAt ?? { step: 'authors', cursor: null };
}

function sinceOf({ connection, run }: StepContext): string {
  const watermark = run.interlude?.since ?? connection.watermark ?? '1970-01-01T00:00:00Z';
  return new Date(Date.parse(watermark) - OVERLAP_MS).toISOString();
}

/**
 * Stores pages a few at a time, each with its own labels: should Confluence refuse in the middle, the ones before are
 * stored and are not asked for again.
 */
async function store(context: StepContext, recent: readonly ConfluencePage[]) {
  const { deps, tenantId, site } = context;
  const heads = await readHeadsById(deps, tenantId, site.cloudId, idsOf(recent));
  let counts: Partial<RunCounters> = {};
  let created = 0;
  const problems: RunProblem[] = [];
  for (let start = 0; start < recent.length; start += PAGES_AT_A_TIME) {
    const pages = recent.slice(start, start + PAGES_AT_A_TIME);
    const changed = pages.filter((page) => isChanged(page, heads.get(page.id)));
    const labels = await readPageLabels(context, idsOf(changed), heads);
    const stored = await storePages(context, pages, heads, labels);
    counts = addCounts({ ...NO_COUNTS, ...counts }, stored.counts);
    created += stored.created;
    problems.push(...stored.problems);
  }
  return { counts, created, problems };
}

function idsOf(pages: readonly ConfluencePage[]): string[] {
  return pages.map(({ id }) => id);
}

async function advance(
  context: StepContext,
  group: GroupCursor & { since: string },
  listed: ListPage<ConfluencePage>,
  recentCount: number,
): Promise<NonNullable<Cursors['changes']>> {
  // In order, the first old page ends it. Out of order, only an answer without any recent page does.
  const reachedOld = recentCount < listed.items.length && (recentCount === 0 || isNewestFirst(listed.items));
  if (listed.nextCursor !== undefined && !reachedOld) {
    return { ...group, cursor: listed.nextCursor, limit: Math.min(FULL_LIMIT, group.limit * 5) };
  }
  const next = await nextGroup(context, group, { limit: FIRST_LIMIT, bodies: true });
  return { ...(next ?? { ...group, spaceIds: [], singles: [] }), since: group.since };
}

function isNewestFirst(pages: readonly ConfluencePage[]): boolean {
  const dates = pages.map(({ version }) => Date.parse(version.createdAt));
  return dates.every((date, index) => index === 0 || date <= (dates[index - 1] ?? date));
}
