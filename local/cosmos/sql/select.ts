import { badRequest, unsupported } from '../errors.ts';
import type { Json } from '../json.ts';
import { conjuncts, type Expression, hasAggregate, type PathExpression, type Query, selected } from './ast.ts';
import { condition, objectText, translate } from './expression.ts';
import { print } from './print.ts';
import { type QueryTarget, Scope, type SqlValue } from './scope.ts';
import { rankOfJson, type Sql } from './value.ts';

/** One column of the order in which rows come, and the continuation's memory of the last row. */
export interface OrderColumn {
  sql: string;
  descending: boolean;
  /** The same in every row: remembered, since the next page's query may differ in its conditions, but not sorted by. */
  fixed: boolean;
}

/** A query as parts of an SQLite SELECT; `page.ts` adds where to go on and how many rows to take. */
export interface Selection {
  bindings: Record<string, SqlValue>;
  /** WITH clause or empty. */
  with: string;
  /** The JSON text of one result. */
  result: string;
  from: string;
  where: string[];
  groupBy: string | undefined;
  /** Orders every row strictly: the last column makes rows with equal keys differ. Empty for a single aggregated row. */
  order: OrderColumn[];
  distinct: boolean;
  /** The full-text scores in `with`, by name: tables of `rowid` and `score`. With one, no index gives the order. */
  scores: string[];
  offset: number;
  /** TOP or LIMIT. */
  limit: number | undefined;
}

export interface SelectOptions {
  parameters: ReadonlyMap<string, Json>;
  /** The partition key as stored (JSON text); undefined for a query over all partitions. */
  partitionKey: string | undefined;
  /** Items that expire up to this time (seconds since the epoch) are not seen; undefined when items never expire. */
  expiresAfter: number | undefined;
  /** The order columns of the row after which to go on. */
  after: SqlValue[] | undefined;
}

/** Translates a parsed query for one container. Throws 400 for what cannot be translated exactly. */
export function select(query: Query, target: QueryTarget, options: SelectOptions): Selection {
  if (query.rank !== undefined) throw badRequest('ORDER BY RANK must be executed through a query plan.');
  const base = Scope.of(target, options.parameters, query.from.alias);
  const { scope, from, keys } = sources(query, base, target);
  const grouped = query.groupBy.length > 0 || selected(query.select).some(hasAggregate);
  const range = orderedRange(query, scope);
  const where = filters(query, scope, target, options, range);
  const projection = project(query, grouped ? scope.withAggregates() : scope);
  if (!grouped && query.select.kind === 'value' && projection.constant === undefined) {
    where.push(`${projection.rank} > 0`);
  }
  const order = grouped ? groupOrder(query, scope) : rowOrder(query, scope, keys, projection, range);
  const scores = scope.scores.map(
    ({ name, table, wanted }) =>
      `${name} AS MATERIALIZED (SELECT rowid, -bm25(${table}) AS score FROM ${table} WHERE ${table} MATCH ${wanted})`,
  );
  return {
    bindings: scope.bindings,
    with: scores.length > 0 ? `WITH ${scores.join(', ')} ` : '',
    result: projection.json,
    from,
    where,
    groupBy: query.groupBy.length > 0 ? order.map((column) => column.sql).join(', ') : undefined,
    order,
    distinct: query.distinct,
    scores: scope.scores.map(({ name }) => name),
    offset: count(query.offset, scope) ?? 0,
    limit: count(query.limit, scope) ?? count(query.top, scope),
  };
}

function sources(query: Query, base: Scope, target: QueryTarget): { scope: Scope; from: string; keys: string[] } {
  if (query.from.elementsOf !== undefined) {
    throw unsupported('FROM x IN c.path outside EXISTS (use FROM c JOIN x IN c.path)');
  }
  let scope = base;
  let from = `${target.table} AS d`;
  const keys: string[] = [];
  for (const join of query.joins) {
    const next = scope.withElements(join);
    scope = next.scope;
    from += ` JOIN ${next.from}`;
    keys.push(next.key);
  }
  return { scope, from, keys };
}

function filters(
  query: Query,
  scope: Scope,
  target: QueryTarget,
  options: SelectOptions,
  range: OrderedRange | undefined,
): string[] {
  const where: string[] = [];
  if (options.partitionKey !== undefined) where.push(`d.pk = ${scope.bind(options.partitionKey)}`);
  const resumed = options.after !== undefined;
  for (const part of conjuncts(query.where)) {
    const key = pinnedPartitionKey(part, query.from.alias, target.partitionKeyPath, options.parameters);
    if (key !== undefined) where.push(`d.pk = ${scope.bind(key)}`);
    // The unary plus keeps SQLite from starting at the query's own bound again on every page.
    else where.push(`${resumed && range?.beginning.has(part) ? '+' : ''}${condition(part, scope, false)}`);
  }
  const [first] = query.orderBy;
  if (first !== undefined) {
    const { rank } = translate(first.value, scope);
    if (range !== undefined) where.push(`${rank} = ${range.rank}`);
    // As in the service, an ORDER BY of one property leaves out the items that lack it.
    else if (query.orderBy.length === 1) where.push(`${resumed ? '+' : ''}(${rank}) > 0`);
  }
  if (options.expiresAfter !== undefined) {
    where.push(`(d.expires_at IS NULL OR d.expires_at > ${scope.bind(options.expiresAfter)})`);
  }
  return where;
}

/**
 * The conditions that compare the property a query is first ordered by with a string or number. They fix its type, so the order
 * need not name it (SQLite would sort again), and once a page has been read, those on the side where the order begins are
 * passed. Undefined without such a condition.
 */
interface OrderedRange {
  rank: number;
  beginning: Set<Expression>;
}

function orderedRange(query: Query, scope: Scope): OrderedRange | undefined {
  const [first] = query.orderBy;
  if (first === undefined || query.distinct) return undefined;
  const property = print(first.value);
  let rank: number | undefined;
  const beginning = new Set<Expression>();
  for (const part of conjuncts(query.where)) {
    if (part.kind !== 'binary' || !['=', '<', '<=', '>', '>='].includes(part.operator)) continue;
    const mirrored = print(part.right) === property;
    if (!mirrored && print(part.left) !== property) continue;
    const other = mirrored ? part.left : part.right;
    const value =
      other.kind === 'parameter' ? scope.parameter(other) : other.kind === 'constant' ? other.value : undefined;
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    rank = rankOfJson(value);
    const lower = part.operator.startsWith('>') !== mirrored;
    if (part.operator !== '=' && lower !== first.descending) beginning.add(part);
  }
  return rank === undefined ? undefined : { rank, beginning };
}

/** The stored partition key if a condition is `c.partitionKey = constant`: then the column, which is indexed, can stand for it. */
export function pinnedPartitionKey(
  part: Expression,
  alias: string,
  keyPath: string[],
  parameters: ReadonlyMap<string, Json>,
): string | undefined {
  if (part.kind !== 'binary' || part.operator !== '=') return undefined;
  const isKey = (side: Expression): side is PathExpression =>
    side.kind === 'path' &&
    side.root === alias &&
    side.steps.length === keyPath.length &&
    side.steps.every((step, index) => step === keyPath[index]);
  const other = isKey(part.left) ? part.right : isKey(part.right) ? part.left : undefined;
  const value =
    other?.kind === 'constant' ? other.value : other?.kind === 'parameter' ? parameters.get(other.name) : undefined;
  return value === undefined || (typeof value === 'object' && value !== null) ? undefined : JSON.stringify(value);
}

function project(query: Query, scope: Scope): Sql {
  const { select } = query;
  if (select.kind === 'star') {
    if (query.joins.length > 0) throw badRequest("'SELECT *' is only valid with a single input set.");
    return scope.path({ kind: 'path', at: 0, root: scope.alias, steps: [] });
  }
  if (select.kind === 'value') return translate(select.value, scope);
  const names = select.items.map((item) => item.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw badRequest(`The SELECT list has two values named '${twice}'.`);
  const text = objectText(
    select.items.map((item) => [item.name, translate(item.value, scope)] as const),
    scope,
  );
  return { rank: '7', value: text, json: text };
}

function groupOrder(query: Query, scope: Scope): OrderColumn[] {
  if (query.orderBy.length > 0) throw unsupported('ORDER BY together with GROUP BY or an aggregate');
  if (query.distinct) throw unsupported('DISTINCT together with GROUP BY or an aggregate');
  const grouped = new Set(query.groupBy.map(print));
  const check = (expression: Expression): void => {
    if (expression.kind === 'path' && !grouped.has(print(expression))) {
      throw badRequest(`'${print(expression)}' is neither aggregated nor in GROUP BY.`);
    }
    if (grouped.has(print(expression)) || hasOwnAggregate(expression)) return;
    for (const child of parts(expression)) check(child);
  };
  selected(query.select).forEach(check);
  if (query.groupBy.length === 0) return [];
  const keys = query.groupBy.map((expression) => `coalesce(${translate(expression, scope).json}, '')`);
  return [{ sql: keys.join(" || ',' || "), descending: false, fixed: false }];
}

const hasOwnAggregate = (expression: Expression) => expression.kind === 'call' && hasAggregate(expression);
const parts = (expression: Expression): Expression[] => {
  if (expression.kind === 'object') return expression.entries.map(([, value]) => value);
  if (expression.kind === 'array') return expression.items;
  if (expression.kind === 'binary') return [expression.left, expression.right];
  return expression.kind === 'call' ? expression.parameters : [];
};

function rowOrder(
  query: Query,
  scope: Scope,
  keys: string[],
  projection: Sql,
  range: OrderedRange | undefined,
): OrderColumn[] {
  const columns: OrderColumn[] = [];
  for (const [index, { value, descending }] of query.orderBy.entries()) {
    const sql = translate(value, scope);
    if (query.distinct && !selected(query.select).some((item) => print(item) === print(value))) {
      throw badRequest(`ORDER BY of a DISTINCT query must name what it selects; '${print(value)}' is not selected.`);
    }
    const fixed = index === 0 && range !== undefined;
    // SQLite takes a number in ORDER BY for a column's position, so a rank known in advance must not get there.
    const known = sql.constant !== undefined;
    columns.push(
      { sql: sql.rank, descending, fixed: fixed || known || /^\d+$/.test(sql.rank) },
      { sql: sql.value, descending, fixed: known },
    );
  }
  if (query.distinct) return [...columns, { sql: projection.json, descending: false, fixed: false }];
  // The client resumes by comparing _rid, against its order as soon as one property is descending.
  const descending = query.orderBy.some((item) => item.descending);
  return [...columns, ...[scope.rowid, ...keys].map((sql) => ({ sql, descending, fixed: false }))];
}

function count(expression: Expression | undefined, scope: Scope): number | undefined {
  if (expression === undefined) return undefined;
  const value = expression.kind === 'parameter' ? scope.parameter(expression) : undefined;
  const known = expression.kind === 'constant' ? expression.value : value;
  if (typeof known === 'number' && Number.isInteger(known) && known >= 0) return known;
  throw badRequest(`TOP, OFFSET and LIMIT at offset ${expression.at} take a whole number from 0.`);
}
