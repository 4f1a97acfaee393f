import type { Deps } from '../platform/deps.ts';
import { fetchAll, fetchPages } from '../platform/query.ts';
import { type PageHead, pageItemId } from './page.ts';

const HEAD =
  'c.id, c.pageId, c.sortId, c.spaceId, c.spaceKey, c.version, c.title, c.parentId, c.status, c.labels, ' +
  'c.missingSince, c.absentIn, c.parts, c.staleParts, c.deletedAt, c._etag';

/** A stretch of the stored pages, in the order of Confluence's `sort=id`. */
export interface HeadRange {
  readonly tenantId: string;
  readonly cloudId: string;
  /** Exclusive; the empty string begins. */
  readonly afterSortId: string;
  /** Inclusive; absent means to the end. */
  readonly toSortId?: string | undefined;
  readonly spaceIds?: readonly string[];
  /** Only pages that carry this label. */
  readonly label?: string;
}

/** Live pages (no tombstones) of a range, ordered by `sortId`, a few hundred at a time. */
export function readHeads(deps: Pick<Deps, 'pages'>, range: HeadRange, maxItemCount = 500): AsyncGenerator<PageHead[]> {
  const conditions = [
    'c.type = "page"',
    'c.cloudId = @cloudId',
    'NOT IS_DEFINED(c.deletedAt)',
    'c.sortId > @after',
    ...(range.toSortId === undefined ? [] : ['c.sortId <= @to']),
    ...(range.spaceIds === undefined ? [] : ['ARRAY_CONTAINS(@spaceIds, c.spaceId)']),
    ...(range.label === undefined ? [] : ['ARRAY_CONTAINS(c.labels, @label)']),
  ];
  return fetchPages<PageHead>(deps.pages, range.tenantId, {
    select: HEAD,
    where: conditions.join(' AND '),
    parameters: {
      cloudId: range.cloudId,
      after: range.afterSortId,
      ...(range.toSortId === undefined ? {} : { to: range.toSortId }),
      ...(range.spaceIds === undefined ? {} : { spaceIds: range.spaceIds }),
      ...(range.label === undefined ? {} : { label: range.label }),
    },
    tail: 'ORDER BY c.sortId ASC',
    maxItemCount,
  });
}

/** The heads of these pages, tombstones included, by page id. At most 250 ids. */
export async function readHeadsById(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  cloudId: string,
  pageIds: readonly string[],
): Promise<Map<string, PageHead>> {
  if (pageIds.length === 0) return new Map();
  const heads = await fetchAll<PageHead>(deps.pages, tenantId, {
    select: HEAD,
    where: 'c.type = "page" AND c.cloudId = @cloudId AND ARRAY_CONTAINS(@ids, c.id)',
    parameters: { cloudId, ids: pageIds.map((pageId) => pageItemId(cloudId, pageId)) },
  });
  return new Map(heads.map((head) => [head.pageId, head]));
}

/** The next live pages that carry this mark (`absentIn`). */
export async function readMarkedHeads(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  cloudId: string,
  mark: string,
  afterSortId: string,
  limit: number,
): Promise<PageHead[]> {
  return fetchAll<PageHead>(deps.pages, tenantId, {
    select: HEAD,
    where:
      'c.type = "page" AND c.cloudId = @cloudId AND c.absentIn = @mark AND NOT IS_DEFINED(c.deletedAt) AND c.sortId > @after',
    parameters: { cloudId, mark, after: afterSortId, limit },
    tail: 'ORDER BY c.sortId ASC OFFSET 0 LIMIT @limit',
  });
}

/** How many live pages carry this mark. */
export async function countMarked(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  cloudId: string,
  mark: string,
): Promise<number> {
  const [count] = await fetchAll<number>(deps.pages, tenantId, {
    select: 'VALUE COUNT(1)',
    where: 'c.type = "page" AND c.cloudId = @cloudId AND c.absentIn = @mark AND NOT IS_DEFINED(c.deletedAt)',
    parameters: { cloudId, mark },
  });
  return count ?? 0;
}

/** How many live pages the tenant has of this site, or of one of its spaces. */
export async function countPages(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  cloudId: string,
  spaceId?: string,
): Promise<number> {
  const [count] = await fetchAll<number>(deps.pages, tenantId, {
    select: 'VALUE COUNT(1)',
    where:
      'c.type = "page" AND c.cloudId = @cloudId AND NOT IS_DEFINED(c.deletedAt)' +
      (spaceId === undefined ? '' : ' AND c.spaceId = @spaceId'),
    parameters: { cloudId, ...(spaceId === undefined ? {} : { spaceId }) },
  });
  return count ?? 0;
}

/** The earliest mark after a moment of a page that is doubted; `undefined` when there is none. */
export async function earliestMissingSince(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  cloudId: string,
  after: string,
): Promise<string | undefined> {
  const [earliest] = await fetchAll<string>(deps.pages, tenantId, {
    select: 'VALUE MIN(c.missingSince)',
    where: 'c.type = "page" AND c.cloudId = @cloudId AND c.missingSince > @after AND NOT IS_DEFINED(c.deletedAt)',
    parameters: { cloudId, after },
  });
  return earliest ?? undefined;
}
