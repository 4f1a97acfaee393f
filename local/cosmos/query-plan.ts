import { badRequest, unsupported } from './errors.ts';
import { hybridPlan } from './hybrid-plan.ts';
import type { Json } from './json.ts';
import { constant, number, ORDER_FILTER, object, payload, type QueryInfo } from './query-info.ts';
import { type Expression, hasAggregate, isAggregate, type Query, type Select, selected } from './sql/ast.ts';
import { print, printQuery } from './sql/print.ts';

const EVERY_PARTITION = [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }];
const AGGREGATE_TYPES: Record<string, string> = { COUNT: 'Count', SUM: 'Sum', MIN: 'Min', MAX: 'Max', AVG: 'Average' };

/**
 * The query plan (partitioned query execution information): a rewritten query for each physical partition, and how to put its
 * answers together. Throws 400 for what cannot be split.
 */
export function queryPlan(query: Query, parameters: ReadonlyMap<string, Json>): unknown {
  const common = { partitionedQueryExecutionInfoVersion: 2, queryRanges: EVERY_PARTITION };
  if (query.rank !== undefined) return { ...common, hybridSearchQueryInfo: hybridPlan(query, query.rank, parameters) };
  return { ...common, queryInfo: queryInfo(query, parameters) };
}

function queryInfo(query: Query, parameters: ReadonlyMap<string, Json>): QueryInfo {
  const info: QueryInfo = {
    distinctType: query.distinct ? (query.orderBy.length > 0 ? 'Ordered' : 'Unordered') : 'None',
    top: number(query.top, parameters),
    offset: number(query.offset, parameters),
    limit: number(query.limit, parameters),
    orderBy: query.orderBy.map(({ descending }) => (descending ? 'Descending' : 'Ascending')),
    orderByExpressions: query.orderBy.map(({ value }) => print(value)),
    groupByExpressions: query.groupBy.map(print),
    groupByAliases: [],
    groupByAliasToAggregateType: {},
    aggregates: [],
    rewrittenQuery: '',
    hasSelectValue: query.select.kind === 'value',
    hasNonStreamingOrderBy: false,
    dCountInfo: null,
  };
  const rewritten = wholeRange(query, info);
  if (query.groupBy.length > 0 || selected(query.select).some(hasAggregate)) aggregated(query, rewritten, info);
  else if (query.orderBy.length > 0) ordered(query, rewritten, info);
  else info.rewrittenQuery = printQuery(rewritten);
  return info;
}

/** Each partition must give what OFFSET skips too; the client skips it after merging. */
function wholeRange(query: Query, { offset, limit }: QueryInfo): Query {
  if (offset === null || limit === null) return query;
  return { ...query, offset: constant(0), limit: constant(offset + limit) };
}

function ordered(query: Query, rewritten: Query, info: QueryInfo): void {
  const items = query.orderBy.map(({ value }): Expression => object([['item', value]]));
  const filter: Expression = { kind: 'path', at: 0, root: ORDER_FILTER, steps: [] };
  info.rewrittenQuery = printQuery({
    ...rewritten,
    select: {
      kind: 'list',
      items: [
        { name: '_rid', value: { kind: 'path', at: 0, root: query.from.alias, steps: ['_rid'] } },
        { name: 'orderByItems', value: { kind: 'array', at: 0, items } },
        { name: 'payload', value: payload(query) },
      ],
    },
    where:
      query.where === undefined ? filter : { kind: 'binary', at: 0, operator: 'AND', left: query.where, right: filter },
  });
}

function aggregated(query: Query, rewritten: Query, info: QueryInfo): void {
  if (query.orderBy.length > 0 || query.distinct) {
    throw unsupported('ORDER BY or DISTINCT together with GROUP BY or an aggregate');
  }
  const { select } = query;
  const grouped = query.groupBy.length > 0;
  const groupItems: Expression = {
    kind: 'array',
    at: 0,
    items: query.groupBy.map((value) => object([['item', value]])),
  };
  let value: Expression;
  if (select.kind === 'value') {
    const type = aggregateType(select.value);
    if (type !== null) info.aggregates.push(type);
    value = type === null ? select.value : { kind: 'array', at: 0, items: [partial(select.value)] };
  } else if (select.kind === 'list') {
    for (const item of select.items) {
      info.groupByAliases.push(item.name);
      info.groupByAliasToAggregateType[item.name] = aggregateType(item.value);
    }
    value = object(select.items.map((item) => [item.name, isAggregate(item.value) ? partial(item.value) : item.value]));
  } else throw badRequest("'SELECT *' cannot be used with GROUP BY.");
  const list: Select = {
    kind: 'list',
    items: [...(grouped ? [{ name: 'groupByItems', value: groupItems }] : []), { name: 'payload', value }],
  };
  const bare = select.kind === 'value' && !grouped;
  info.rewrittenQuery = printQuery({ ...rewritten, select: bare ? { kind: 'value', value } : list });
}

function aggregateType(value: Expression): string | null {
  if (value.kind === 'call' && isAggregate(value)) return AGGREGATE_TYPES[value.name] ?? null;
  if (!hasAggregate(value)) return null;
  throw badRequest(
    `Compositions of aggregates and other expressions are not allowed (at offset ${value.at}) in a query over partitions.`,
  );
}

/** The part of an aggregate that one physical partition contributes, in the shape that the client adds up. */
function partial(value: Expression): Expression {
  if (value.kind !== 'call' || !isAggregate(value)) return value;
  const call = (name: string): Expression => ({ ...value, name });
  if (value.name === 'AVG')
    return object([
      [
        'item',
        object([
          ['sum', call('SUM')],
          ['count', call('COUNT')],
        ]),
      ],
    ]);
  if (value.name !== 'MIN' && value.name !== 'MAX') return object([['item', value]]);
  const extreme = object([
    [value.name.toLowerCase(), value],
    ['count', call('COUNT')],
  ]);
  return object([
    ['item', value],
    ['item2', extreme],
  ]);
}
