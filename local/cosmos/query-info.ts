import { badRequest } from './errors.ts';
import type { Json } from './json.ts';
import type { Expression, Query } from './sql/ast.ts';

/** What the client needs to execute a query over physical partitions itself; the fields are the service's. */
export interface QueryInfo {
  distinctType: 'None' | 'Ordered' | 'Unordered';
  top: number | null;
  offset: number | null;
  limit: number | null;
  orderBy: ('Ascending' | 'Descending')[];
  orderByExpressions: string[];
  groupByExpressions: string[];
  groupByAliases: string[];
  groupByAliasToAggregateType: Record<string, string | null>;
  aggregates: string[];
  rewrittenQuery: string;
  hasSelectValue: boolean;
  hasNonStreamingOrderBy: boolean;
  dCountInfo: null;
}

/** The client puts the condition to resume at here, or `true`. */
export const ORDER_FILTER = '{documentdb-formattableorderbyquery-filter}';
/** What a SELECT clause gives, as one expression. */
export function payload({ select, from }: Query): Expression {
  if (select.kind === 'star') return { kind: 'path', at: 0, root: from.alias, steps: [] };
  if (select.kind === 'value') return select.value;
  return object(select.items.map(({ name, value }) => [name, value]));
}

export const object = (entries: [string, Expression][]): Expression => ({ kind: 'object', at: 0, entries });
export const constant = (value: Json): Expression => ({ kind: 'constant', at: 0, value });

export function number(expression: Expression | undefined, parameters: ReadonlyMap<string, Json>): number | null {
  if (expression === undefined) return null;
  const known = expression.kind === 'parameter' ? parameters.get(expression.name) : undefined;
  const value = expression.kind === 'constant' ? expression.value : known;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw badRequest(`TOP, OFFSET and LIMIT at offset ${expression.at} take a whole number from 0.`);
}
