import { storageToAdf } from '../adf.ts';
import { CONTENT_COLUMNS, CONTENT_FROM, type ContentRow } from '../content/rows.ts';
import { readBody } from '../content/store.ts';
import { visibleContent } from '../content/visibility.ts';
import { placeholders } from '../database.ts';
import type { Call } from '../gateway/call.ts';
import { notFound, v2Error } from '../gateway/errors.ts';
import type { RowSource } from '../gateway/listing.ts';
import { choice, choices, idsParameter } from '../gateway/parameters.ts';
import type { Answer } from '../http/exchange.ts';

export const CONTENT_SORTS = {
  id: 'c.id',
  'created-date': 'c.createdAt',
  'modified-date': 'c.versionAt',
};
export const PAGE_SORTS = { ...CONTENT_SORTS, title: 'c.title' };

/** Statuses of which lists of each kind consist when none is asked for: archived pages stand among the current ones. */
const DEFAULT_STATUSES = { page: ['current', 'archived'], blogpost: ['current'] };
const STATUSES = { page: ['current', 'archived', 'deleted', 'trashed'], blogpost: ['current', 'deleted', 'trashed'] };

export type ContentSource = RowSource & { where: string[]; values: (string | number)[] };

/** The pages or blog posts that this user may see, in the statuses that lists of them have by default. */
export function contentSource(
  { viewer }: Call,
  kind: 'page' | 'blogpost',
  statuses: readonly string[] = DEFAULT_STATUSES[kind],
): ContentSource {
  const visible = visibleContent(viewer);
  const source: ContentSource = {
    columns: CONTENT_COLUMNS,
    from: CONTENT_FROM,
    where: [...visible.where, 'c.kind = ?'],
    values: [...visible.values, kind],
    id: 'c.id',
  };
  addOneOf(source, 'c.status', statuses);
  return source;
}

/** The same with the filters `status`, `title` and `subtype`. Drafts never appear in lists, so `draft` cannot be asked for. */
export function filteredSource(call: Call, kind: 'page' | 'blogpost'): ContentSource {
  const { query } = call;
  const source = contentSource(call, kind, choices(query, 'status', STATUSES[kind]));
  const title = query.get('title');
  if (title !== null) {
    // The first comparison finds the row by its index, which ignores case; the second minds it.
    source.where.push('c.title = ?', 'c.title = ? COLLATE BINARY');
    source.values.push(title, title);
  }
  const subtype = kind === 'page' ? choice(query, 'subtype', ['live', 'page']) : undefined;
  if (subtype) source.where.push(subtype === 'live' ? "c.subtype = 'live'" : 'c.subtype IS NULL');
  return source;
}

/** Keeps the rows whose column is one of these; none when there are none. */
export function addOneOf(
  source: ContentSource,
  column: string,
  allowed: readonly (string | number)[] | undefined,
): void {
  if (!allowed) return;
  source.where.push(allowed.length === 0 ? '0' : `${column} IN (${placeholders(allowed)})`);
  source.values.push(...allowed);
}

/** Adds the filters `id` and `space-id` of the site-wide lists. */
export function addIdFilters({ query }: Call, source: ContentSource): void {
  addOneOf(source, 'c.id', idsParameter(query, 'id', 250));
  addOneOf(source, 'c.spaceId', idsParameter(query, 'space-id', 100));
}

/** How the bodies of a list are made: nothing, storage format or Atlassian Document Format. */
export function listBody(call: Call): (row: ContentRow) => object {
  const format = choice(call.query, 'body-format', ['storage', 'atlas_doc_format']);
  if (!format) return () => ({});
  return (row) => {
    const storage = readBody(call.simulator, call.site, row, row.bodyVersion);
    return { [format]: { representation: format, value: format === 'storage' ? storage : storageToAdf(storage) } };
  };
}

/**
 * Why something cannot be read: 404 for what does not exist and for what this user may not see, 403 with a header for a
 * space that an administrator blocked for apps.
 */
export function unreadable(call: Call, what: string, id: number): Answer {
  const { simulator, viewer } = call;
  const blocked = simulator.database.get(
    `SELECT 1 FROM space s LEFT JOIN content c ON c.site = s.site AND c.spaceId = s.id AND c.id = ?
     WHERE s.site = ? AND s.blocked = 1 AND (c.id IS NOT NULL OR s.id = ?)`,
    id,
    viewer.site,
    id,
  );
  if (!blocked) return notFound(`${what} ${id}`);
  const refusal = v2Error(403, 'FORBIDDEN', 'App access to this space is blocked by an administrator');
  return { ...refusal, headers: { ...refusal.headers, ...BLOCKED_HEADER } };
}

export const BLOCKED_HEADER = { 'Atlassian-DataSecurityPolicy': 'app_access_blocked' };
