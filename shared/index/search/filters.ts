import type { IndexScope } from '../read.ts';

/** What narrows a search. All of them hold together. */
export interface SearchFilters {
  readonly spaceKey?: string | undefined;
  /** The page carries all of them. */
  readonly labels?: readonly string[] | undefined;
  /** Account id of who created the page. */
  readonly authorId?: string | undefined;
  /** ISO 8601 UTC; changed then or later. */
  readonly modifiedSince?: string | undefined;
  /** ISO 8601 UTC; changed before. */
  readonly modifiedBefore?: string | undefined;
  /** Confluence's id of a page (or folder) under which the page stands, at any depth. */
  readonly ancestorId?: string | undefined;
}

/** A condition on items `c`, without the tenant's, and the parameters that it names. */
export interface Condition {
  readonly where: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * What a search of this scope may see of items with a title or text: pages, and parts of large ones. Tombstones and
 * attachments have neither, so nothing is said about them here: each condition is checked for every page with one of the
 * words. Parts carry no labels; the page that they belong to is looked at for these.
 *
 * @param pageIds only these pages, when an ancestor was given
 */
export function visibleItems(
  { cloudId, excludedKeys }: IndexScope,
  filters: SearchFilters,
  pageIds?: readonly string[],
): Condition {
  const { spaceKey, labels = [], authorId, modifiedSince, modifiedBefore } = filters;
  const conditions: [boolean, string][] = [
    [true, 'c.cloudId = @cloudId'],
    [excludedKeys.length > 0, 'NOT ARRAY_CONTAINS(@excludedKeys, c.spaceKey)'],
    [spaceKey !== undefined, 'c.spaceKey = @spaceKey'],
    [authorId !== undefined, 'c.authorId = @authorId'],
    [modifiedSince !== undefined, 'c.lastModifiedAt >= @modifiedSince'],
    [modifiedBefore !== undefined, 'c.lastModifiedAt < @modifiedBefore'],
    [pageIds !== undefined, 'ARRAY_CONTAINS(@pageIds, c.pageId)'],
  ];
  const labelled = labels.map((_, index) => `ARRAY_CONTAINS(c.labels, @label${index})`).join(' AND ');
  const given = {
    cloudId,
    excludedKeys,
    spaceKey,
    authorId,
    modifiedSince,
    modifiedBefore,
    pageIds,
    ...Object.fromEntries(labels.map((label, index) => [`label${index}`, label])),
  };
  const where = conditions.filter(([applies]) => applies).map(([, condition]) => condition);
  if (labelled !== '') where.push(`(c.type = "part" OR (${labelled}))`);
  return {
    where: where.join(' AND '),
    parameters: Object.fromEntries(
      Object.entries(given).filter(
        ([name, value]) => value !== undefined && where.some((text) => text.includes(`@${name}`)),
      ),
    ),
  };
}
