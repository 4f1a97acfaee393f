import { applyDueChanges } from '../content/search-index.ts';
import { visibleContent } from '../content/visibility.ts';
import { type CompiledQuery, compileCql } from '../cql/compile.ts';
import { CqlError } from '../cql/errors.ts';
import { parseCql } from '../cql/parse.ts';
import type { Call } from '../gateway/call.ts';
import { v1Error } from '../gateway/errors.ts';
import { type Answer, json } from '../http/exchange.ts';
import { EXCERPT_MODES, type ExcerptMode } from './excerpt.ts';
import { FOUND_COLUMNS, type FoundRow, foundJson } from './search-result.ts';

const MAX_LIMIT = 250;

/** `GET /wiki/rest/api/search`: CQL over the eventual index. Never answers what is in the trash. */
export function search(call: Call): Answer {
  const { simulator, site, viewer, query } = call;
  const startedAt = performance.now();
  const cql = query.get('cql');
  if (!cql) return v1Error(400, 'Could not parse cql : the parameter cql is missing');
  const limit = Math.min(integer(query.get('limit')) ?? 25, MAX_LIMIT);
  const mode = EXCERPT_MODES.find((known) => known === (query.get('excerpt') ?? 'highlight'));
  if (!mode) return v1Error(400, `excerpt must be one of ${EXCERPT_MODES.join(', ')}`);
  const start = readCursor(query.get('cursor')) ?? integer(query.get('start')) ?? 0;
  applyDueChanges(simulator, site);
  const account = simulator.database.get<{ timeZone: string }>(
    'SELECT timeZone FROM account WHERE accountId = ?',
    viewer.accountId,
  );
  let compiled: CompiledQuery;
  try {
    compiled = compileCql(parseCql(cql), {
      site: site.site,
      accountId: viewer.accountId,
      now: simulator.clock.now(),
      timeZone: account?.timeZone ?? 'UTC',
    });
  } catch (error) {
    if (error instanceof CqlError) return v1Error(400, `Could not parse cql : ${cql} : ${error.message}`);
    throw error;
  }
  const { rows, totalSize } = find(call, compiled, start, limit);
  call.charge({ objects: rows.length });
  call.exchange.notes.objects = rows.length;
  return json(200, {
    results: rows.map((row) => foundJson(call, row, mode, compiled.matches)),
    start,
    limit,
    size: rows.length,
    totalSize,
    cqlQuery: cql,
    searchDuration: Math.round(performance.now() - startedAt),
    _links: {
      base: `${site.url}/wiki`,
      context: '/wiki',
      ...(start + rows.length < totalSize && rows.length > 0
        ? { next: nextLink(query, start + rows.length, limit, mode) }
        : {}),
    },
  });
}

function find(
  { simulator: { database }, viewer, query }: Call,
  { where, orderBy, matches }: CompiledQuery,
  start: number,
  limit: number,
): { rows: FoundRow[]; totalSize: number } {
  const visible = visibleContent(viewer);
  const from = `searchDoc d
    LEFT JOIN attachment a ON d.type = 'attachment' AND a.site = d.site AND a.id = d.contentId
    JOIN content c ON c.site = d.site AND c.id = coalesce(a.contentId, d.contentId)
    JOIN space s ON s.site = c.site AND s.id = c.spaceId`;
  const conditions = [
    'd.site = ?',
    ...visible.where,
    "c.status = 'current'",
    "coalesce(a.status, 'current') = 'current'",
  ];
  if (query.get('includeArchivedSpaces') !== 'true') conditions.push("s.status = 'current'");
  conditions.push(where.text);
  const values = [viewer.site, ...visible.values, ...where.values];
  const condition = conditions.join(' AND ');
  const totalSize =
    database.get<{ n: number }>(`SELECT count(*) AS n FROM ${from} WHERE ${condition}`, ...values)?.n ?? 0;
  if (limit === 0) return { rows: [], totalSize };

  const expression = matches.map((match) => `(${match.expression})`).join(' OR ');
  const ranked = expression
    ? {
        join: 'LEFT JOIN (SELECT rowid, -bm25(searchText, 8.0, 1.0) AS score FROM searchText WHERE searchText MATCH ?) r ON r.rowid = d.doc',
        score: 'coalesce(r.score, 0)',
      }
    : { join: '', score: '0.0' };
  const rows = database.all<FoundRow>(
    `SELECT ${FOUND_COLUMNS}, ${ranked.score} AS score FROM ${from} ${ranked.join} WHERE ${condition}
     ORDER BY ${orderBy || 'score DESC, d.lastModified DESC'}, d.doc LIMIT ? OFFSET ?`,
    ...(expression ? [expression] : []),
    ...values,
    limit,
    start,
  );
  return { rows, totalSize };
}

/** Unlike v2's, this link lacks `/wiki`: it is relative to `_links.base`. */
function nextLink(query: URLSearchParams, start: number, limit: number, mode: ExcerptMode): string {
  const cursor = `_sa_${Buffer.from(JSON.stringify([start])).toString('base64')}`;
  const parameters = new URLSearchParams({
    next: 'true',
    cursor,
    expand: '',
    limit: String(limit),
    start: String(start),
  });
  if (query.has('excerpt')) parameters.set('excerpt', mode);
  parameters.set('cql', query.get('cql') ?? '');
  return `/rest/api/search?${parameters}`;
}

function readCursor(cursor: string | null): number | undefined {
  if (!cursor?.startsWith('_sa_')) return undefined;
  try {
    const [start] = JSON.parse(Buffer.from(cursor.slice(4), 'base64').toString('utf8')) as unknown[];
    return typeof start === 'number' ? start : undefined;
  } catch {
    return undefined;
  }
}

function integer(value: string | null): number | undefined {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
