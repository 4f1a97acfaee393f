import type { Database, SqlValue } from '../database.ts';
import { type Answer, json } from '../http/exchange.ts';
import type { Call } from './call.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import { InvalidParameter } from './errors.ts';
import { choice, intParameter } from './parameters.ts';

/** Rows of one listing, in SQL. `from` may join; `where` conditions are joined by AND. */
export interface RowSource {
  readonly columns: string;
  readonly from: string;
  readonly where: readonly string[];
  readonly values: readonly SqlValue[];
  /** The column that identifies a row and breaks ties. */
  readonly id: string;
}

export interface Listing<Row> {
  readonly source: RowSource;
  /** Sort names without their sign, with the SQL expression behind each. */
  readonly sorts: Readonly<Record<string, string>>;
  readonly defaultSort: string;
  readonly defaultLimit?: number;
  readonly toItem: (row: Row) => object;
}

interface Sort {
  /** As sent, with its sign. */
  readonly name: string;
  readonly expression: string;
  readonly descending: boolean;
}

type Keyed<Row> = Row & { sortValue: SqlValue; sortId: number };

const MAX_LIMIT = 250;

/** Answers one page of a v2 listing: `{results, _links}` plus the `Link` header. */
export function answerListing<Row>(call: Call, listing: Listing<Row>): Answer {
  const { query, simulator, exchange } = call;
  const limit = intParameter(query, 'limit', 1, MAX_LIMIT) ?? listing.defaultLimit ?? 25;
  const sort = readSort(query, listing);
  const cursor = query.get('cursor');
  const { position, turn } = cursor ? decodeCursor(cursor, sort.name) : { position: undefined, turn: 0 };

  const trap = exchange.listingTrap;
  if (trap === 'empty-next') return answerPage(call, [], encodeCursor(sort.name, position, turn + 1));
  const take = trap === 'short-page' || isShort(call, turn) ? Math.ceil(limit * 0.6) : limit;
  const found = selectAfter<Row>(simulator.database, listing.source, sort, position, take + 1);
  const rows = found.slice(0, take);
  let next = found.length > take ? encodeCursor(sort.name, positionOf(rows.at(-1))) : undefined;
  if (trap === 'repeated-cursor') next = cursor ?? encodeCursor(sort.name, position);
  if (trap === 'truncated-listing') next = undefined;
  // The page after this one starts with this one's last row, as when something was inserted in between.
  if (trap === 'overlapping-pages' && next && rows.length > 1) next = encodeCursor(sort.name, positionOf(rows.at(-2)));
  if (trap === 'unordered') rows.reverse();
  return answerPage(call, rows.map(listing.toItem), next);
}

/** Answers a list that has no cursor. */
export function answerPage(call: Call, results: object[], nextCursor?: string): Answer {
  const { site, exchange } = call;
  call.charge({ objects: results.length });
  const base = `${site.url}/wiki`;
  const next = nextCursor && nextLink(call, nextCursor);
  exchange.notes.objects = results.length;
  return json(
    200,
    { results, _links: { ...(next ? { next } : {}), base } },
    { Link: `${next ? `<${next}>; rel="next", ` : ''}<${base}>; rel="base"` },
  );
}

/** Relative to the SITE, not to the gateway; the cursor stands in front of the filters. */
function nextLink({ exchange, query }: Call, cursor: string): string {
  const sitePath = exchange.path.replace(/^\/ex\/confluence\/[^/]+/, '');
  const parameters = new URLSearchParams();
  const limit = query.get('limit');
  if (limit) parameters.append('limit', limit);
  parameters.append('cursor', cursor);
  for (const [name, value] of query) if (name !== 'cursor' && name !== 'limit') parameters.append(name, value);
  return `${sitePath}?${parameters}`;
}

function readSort<Row>(query: URLSearchParams, listing: Listing<Row>): Sort {
  const allowed = Object.keys(listing.sorts).flatMap((name) => [name, `-${name}`]);
  const name = choice(query, 'sort', allowed) ?? listing.defaultSort;
  const expression = listing.sorts[name.replace(/^-/, '')];
  if (!expression) throw new InvalidParameter('sort', name, `one of ${allowed.join(', ')}`);
  return { name, expression, descending: name.startsWith('-') };
}

function selectAfter<Row>(
  database: Database,
  source: RowSource,
  sort: Sort,
  after: Position | undefined,
  limit: number,
): Keyed<Row>[] {
  const conditions = [...source.where];
  const values = [...source.values];
  const operator = sort.descending ? '<' : '>';
  if (after && sort.expression === source.id) {
    conditions.push(`${source.id} ${operator} ?`);
    values.push(after.id);
  } else if (after) {
    conditions.push(`(${sort.expression}, ${source.id}) ${operator} (?, ?)`);
    values.push(after.value, after.id);
  }
  const direction = sort.descending ? 'DESC' : 'ASC';
  const order =
    sort.expression === source.id
      ? `${source.id} ${direction}`
      : `${sort.expression} ${direction}, ${source.id} ${direction}`;
  return database.all<Keyed<Row>>(
    `SELECT ${source.columns}, ${sort.expression} AS sortValue, ${source.id} AS sortId FROM ${source.from}
     WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ?`,
    ...values,
    limit,
  );
}

function positionOf(row: Keyed<unknown> | undefined): Position | undefined {
  return row && { value: row.sortValue, id: row.sortId };
}

/** Decided by the address, so that the same request is answered alike. */
function isShort({ simulator, exchange }: Call, turn: number): boolean {
  const share = simulator.settings.switches.listing.shortPageShare;
  if (share === 0) return false;
  let hash = turn;
  for (const character of exchange.rawQuery) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return (hash % 1000) / 1000 < share;
}
