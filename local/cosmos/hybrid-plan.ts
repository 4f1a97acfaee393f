import { badRequest, unsupported } from './errors.ts';
import type { Json } from './json.ts';
import { number, ORDER_FILTER, payload, type QueryInfo } from './query-info.ts';
import { type CallExpression, type Expression, hasAggregate, type Query, selected } from './sql/ast.ts';
import { print } from './sql/print.ts';

/** A plan for ORDER BY RANK; the fields are the service's. */
interface HybridSearchQueryInfo {
  globalStatisticsQuery: string;
  componentQueryInfos: QueryInfo[];
  componentWeights: number[];
  take: number | null;
  skip: number | null;
  requiresGlobalStatistics: boolean;
}

/**
 * When ranks are fused each component ranks at least this many items: too few would leave items out. (The client reads them in
 * pages of 10 unless `maxItemCount` says more, each of which ranks again.)
 */
const SMALLEST_COMPONENT = 120;
const PLACEHOLDER = 'documentdb-formattablehybridsearchquery';

/**
 * Splits `ORDER BY RANK FullTextScore(…)` or `RRF(FullTextScore(…), …, [weights])` into one query a score. The client first asks
 * for the statistics, puts them into the components at the placeholders, runs these and fuses their ranks. Throws 400.
 */
export function hybridPlan(
  query: Query,
  rank: CallExpression,
  parameters: ReadonlyMap<string, Json>,
): HybridSearchQueryInfo {
  if (
    query.distinct ||
    query.groupBy.length > 0 ||
    query.joins.length > 0 ||
    selected(query.select).some(hasAggregate)
  ) {
    throw unsupported('ORDER BY RANK together with DISTINCT, GROUP BY, JOIN or an aggregate');
  }
  const { scores, weights } = components(rank, parameters);
  const skip = number(query.offset, parameters);
  const take = number(query.limit, parameters) ?? number(query.top, parameters);
  const internal = scores.map(internalScore);
  const wanted = take === null ? null : take + (skip ?? 0);
  const top = wanted === null || scores.length === 1 ? wanted : Math.max(SMALLEST_COMPONENT, 2 * wanted);
  return {
    globalStatisticsQuery: statisticsQuery(query, scores),
    componentQueryInfos: internal.map((score, index) =>
      component(query, internal, score, top, (weights[index] ?? 1) < 0),
    ),
    componentWeights: weights,
    take,
    skip,
    requiresGlobalStatistics: true,
  };
}

function components(rank: CallExpression, parameters: ReadonlyMap<string, Json>) {
  if (rank.name === 'FULLTEXTSCORE') return { scores: [checked(rank)], weights: [] };
  if (rank.name !== 'RRF') throw unsupported(`ORDER BY RANK ${rank.name} (at offset ${rank.at})`);
  const last = rank.parameters.at(-1);
  const list = weightList(last, parameters);
  const scores = (list === undefined ? rank.parameters : rank.parameters.slice(0, -1)).map(checked);
  if (scores.length < 2) throw badRequest(`RRF at offset ${rank.at} takes at least two scores.`);
  if (list !== undefined && list.length !== scores.length) {
    throw badRequest(`RRF at offset ${rank.at} has ${list.length} weights for ${scores.length} scores.`);
  }
  return { scores, weights: list ?? [] };
}

function weightList(last: Expression | undefined, parameters: ReadonlyMap<string, Json>): number[] | undefined {
  const value = last?.kind === 'parameter' ? parameters.get(last.name) : undefined;
  const items =
    last?.kind === 'array' ? last.items.map((item) => (item.kind === 'constant' ? item.value : undefined)) : value;
  if (!Array.isArray(items)) return undefined;
  return items.map((item) => {
    if (typeof item === 'number') return item;
    throw badRequest(`The weights of RRF at offset ${last?.at} are numbers.`);
  });
}

function checked(score: Expression): CallExpression {
  if (score.kind !== 'call') throw badRequest(`RRF takes scores; the expression at offset ${score.at} is none.`);
  if (score.name !== 'FULLTEXTSCORE') throw unsupported(`Ranking by ${score.name} (at offset ${score.at})`);
  if (score.parameters.length < 2) throw badRequest(`FullTextScore at offset ${score.at} takes a path and words.`);
  return score;
}

/** `_FullTextScore(path, [words], documents, words in all, [hits a word])` with placeholders for the statistics. */
function internalScore(score: CallExpression, index: number): string {
  const [path, ...words] = score.parameters.map(print);
  return (
    `_FullTextScore(${path}, [${words.join(', ')}], {${PLACEHOLDER}-totaldocumentcount}, ` +
    `{${PLACEHOLDER}-totalwordcount-${index}}, {${PLACEHOLDER}-hitcountsarray-${index}})`
  );
}

/**
 * The service sums over all items; these functions read the same totals from the full-text index at once. An empty container
 * gives no statistics, on which the client fails ("GlobalStats validation failed"), as it does in Azure.
 */
function statisticsQuery(query: Query, scores: CallExpression[]): string {
  const statistics = scores.map(({ parameters: [path, ...words] }) => {
    const property = path === undefined ? '' : print(path);
    const hits = words.map((word) => `_FullTextHitCount(${property}, ${print(word)})`);
    return `{"totalWordCount": _FullTextTotalWordCount(${property}), "hitCounts": [${hits.join(', ')}]}`;
  });
  const { alias } = query.from;
  return `SELECT TOP 1 _FullTextDocumentCount() AS documentCount, [${statistics.join(', ')}] AS fullTextStatistics FROM ${alias}`;
}

function component(query: Query, scores: string[], score: string, top: number | null, ascending: boolean): QueryInfo {
  const direction = ascending ? 'ASC' : 'DESC';
  const { alias } = query.from;
  const result = `{"payload": ${print(payload(query))}, "componentScores": [${scores.join(', ')}]}`;
  const where = query.where === undefined ? ORDER_FILTER : `(${print(query.where)}) AND ${ORDER_FILTER}`;
  const limit = top === null ? '' : `TOP ${top} `;
  return {
    distinctType: 'None',
    top,
    offset: null,
    limit: null,
    orderBy: [ascending ? 'Ascending' : 'Descending'],
    orderByExpressions: [score],
    groupByExpressions: [],
    groupByAliases: [],
    groupByAliasToAggregateType: {},
    aggregates: [],
    rewrittenQuery:
      `SELECT ${limit}${alias}._rid AS _rid, [{"item": ${score}}] AS orderByItems, ${result} AS payload ` +
      `FROM ${alias} WHERE ${where} ORDER BY ${score} ${direction}`,
    hasSelectValue: false,
    hasNonStreamingOrderBy: true,
    dCountInfo: null,
  };
}
