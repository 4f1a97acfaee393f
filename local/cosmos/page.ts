import { badRequest } from './errors.ts';
import type { SqlValue } from './sql/scope.ts';
import type { OrderColumn, Selection } from './sql/select.ts';

/** Where a query goes on: after the row with these order columns, with this many rows of its TOP or LIMIT left. */
export interface Continuation {
  after: SqlValue[];
  left?: number;
}

export interface Page {
  /** JSON texts. */
  results: string[];
  rowsRead: number;
  continuation: string | undefined;
}

export type RunStatement = (sql: string, bindings: Record<string, SqlValue>) => Iterable<Record<string, SqlValue>>;

/** The service cuts a page at 4 MB. */
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Reads one page. The continuation is the last row's place in the order, not a count of rows, so rows inserted or deleted
 * between two pages neither repeat nor hide others.
 */
export function readPage(
  selection: Selection,
  from: Continuation | undefined,
  maxItems: number,
  run: RunStatement,
): Page {
  if (from !== undefined && from.after.length !== selection.order.length) throw foreignToken();
  const left = from?.left ?? selection.limit ?? Number.POSITIVE_INFINITY;
  const wanted = Math.min(maxItems, left);
  const results: string[] = [];
  if (wanted <= 0) return { results, rowsRead: 0, continuation: undefined };
  const bindings = { ...selection.bindings, limit: wanted + 1, offset: from === undefined ? selection.offset : 0 };
  const sql = statement(selection, from?.after, bindings);
  let last: SqlValue[] = [];
  let bytes = 0;
  let more = false;
  for (const row of run(sql, bindings)) {
    if (results.length === wanted || bytes > PAGE_BYTES) {
      more = true;
      break;
    }
    if (row.result === null) continue;
    const text = String(row.result);
    results.push(text);
    bytes += text.length;
    last = selection.order.map((_, index) => row[`k${index}`] ?? null);
  }
  more = more && left > results.length;
  return {
    results,
    rowsRead: results.length,
    continuation: more ? printContinuation(last, left - results.length) : undefined,
  };
}

function statement(selection: Selection, after: SqlValue[] | undefined, bindings: Record<string, SqlValue>): string {
  const { order } = selection;
  const keys = order.map((column, index) => `, ${column.sql} AS k${index}`).join('');
  const where = [...selection.where];
  // Groups and distinct results exist only once the rows are grouped, so they are resumed from outside.
  const nested = selection.groupBy !== undefined || selection.distinct;
  if (after !== undefined && !nested) where.push(isAfter(order, after, bindings));
  const inner =
    `${selection.with}SELECT ${selection.distinct ? 'DISTINCT ' : ''}${selection.result} AS result${keys} FROM ${withScores(selection.from, selection.scores)}` +
    all(where) +
    (selection.groupBy === undefined ? '' : ` GROUP BY ${selection.groupBy}`);
  if (order.length === 0) return inner;
  const named = order.map((column, index) => ({ ...column, sql: `k${index}` }));
  const columns = nested ? named : order;
  const outer = nested
    ? `SELECT * FROM (${inner})${after === undefined ? '' : ` WHERE ${isAfter(named, after, bindings)}`}`
    : inner;
  const sorted = columns
    .filter((column) => !column.fixed)
    .map((column) => `${column.sql}${column.descending ? ' DESC' : ''}`)
    .join(', ');
  const page = `ORDER BY ${sorted} LIMIT $limit OFFSET $offset`;
  if (selection.scores.length === 0) return `${outer} ${page}`;
  const from = withScores(selection.from, selection.scores);
  const rows = rankedRows(selection, where, sorted);
  return `${selection.with}SELECT ${selection.result} AS result${keys} FROM ${from} WHERE d.rid IN (${rows}) ORDER BY ${sorted}`;
}

/**
 * SQLite would look into every item, and compute its result, before it sorts. So the rows are put in order by what the
 * full-text index knows alone, and looked at in that order until the page is full: the cross join keeps the loops in this
 * order, and `LIMIT -1` keeps the inner ORDER BY from being left out.
 */
function rankedRows({ from, scores }: Selection, where: string[], sorted: string): string {
  const unseen = where.filter((condition) => !/\bd\.(?:doc|expires_at)\b/.test(condition));
  const ranking = scores.filter((name) => sorted.includes(`${name}.`));
  const ranked = `SELECT d.rid AS rid FROM ${withScores(from, ranking)}${all(unseen)} ORDER BY ${sorted} LIMIT -1`;
  const conditions = all(['d.rid = ranked.rid', ...where]);
  return `SELECT d.rid FROM (${ranked}) AS ranked CROSS JOIN ${withScores(from, scores)}${conditions} LIMIT $limit OFFSET $offset`;
}

function withScores(from: string, scores: string[]): string {
  return from + scores.map((name) => ` LEFT JOIN ${name} ON ${name}.rowid = d.rid`).join('');
}

function all(conditions: string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
}

/** The condition that a row comes after a given one. As a row value where possible: an index can start there. */
function isAfter(columns: OrderColumn[], last: SqlValue[], bindings: Record<string, SqlValue>): string {
  const order = columns.filter((column) => !column.fixed);
  const after = last.filter((_, index) => columns[index]?.fixed === false);
  const names = after.map((value, index) => {
    bindings[`after${index}`] = value;
    return `$after${index}`;
  });
  const descending = order[0]?.descending ?? false;
  if (order.every((column) => column.descending === descending) && after.every((value) => value !== null)) {
    return `(${order.map((column) => column.sql).join(', ')}) ${descending ? '<' : '>'} (${names.join(', ')})`;
  }
  const levels = order.flatMap((column, index) => {
    const equalBefore = order.slice(0, index).map((earlier, before) => `${earlier.sql} IS ${names[before]}`);
    // A NULL is the value of null or undefined; its rank, the column before, has already decided.
    if (after[index] === null) return [];
    return [[...equalBefore, `${column.sql} ${column.descending ? '<' : '>'} ${names[index]}`].join(' AND ')];
  });
  return `(${levels.map((level) => `(${level})`).join(' OR ')})`;
}

function printContinuation(after: SqlValue[], left: number): string {
  const continuation: Continuation = Number.isFinite(left) ? { after, left } : { after };
  return Buffer.from(JSON.stringify(continuation)).toString('base64url');
}

export function parseContinuation(token: string): Continuation {
  try {
    const parsed = JSON.parse(Buffer.from(token, 'base64url').toString()) as Continuation;
    if (Array.isArray(parsed.after)) return parsed;
  } catch {
    // Answered below, together with a token of another query.
  }
  throw foreignToken();
}

const foreignToken = () => badRequest('The continuation token is malformed or belongs to another query.');
