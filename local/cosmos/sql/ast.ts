import type { Json } from '../json.ts';

/** A step into a value: a property's name, an array index, or a parameter that holds either. */
export type Step = string | number | { parameter: string };

export type BinaryOperator =
  | 'AND'
  | 'OR'
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '||'
  | '??';

/** `at` is the offset in the query's text, for error messages. */
export type Expression = { at: number } & (
  | { kind: 'constant'; value: Json | undefined }
  | { kind: 'parameter'; name: string }
  | { kind: 'path'; root: string; steps: Step[] }
  | { kind: 'unary'; operator: 'NOT' | '-'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'between'; value: Expression; low: Expression; high: Expression }
  | { kind: 'in'; value: Expression; list: Expression[] }
  | { kind: 'like'; value: Expression; pattern: Expression; escape: string | undefined }
  | { kind: 'conditional'; test: Expression; yes: Expression; no: Expression }
  | { kind: 'call'; name: string; parameters: Expression[] }
  | { kind: 'exists'; query: Query }
  | { kind: 'object'; entries: [name: string, value: Expression][] }
  | { kind: 'array'; items: Expression[] }
);

export type PathExpression = Extract<Expression, { kind: 'path' }>;
export type CallExpression = Extract<Expression, { kind: 'call' }>;

export type Select =
  | { kind: 'star' }
  | { kind: 'value'; value: Expression }
  | { kind: 'list'; items: { name: string; value: Expression }[] };

/** `FROM c`, or `alias IN path` (the elements of an array). */
export interface Source {
  alias: string;
  elementsOf: PathExpression | undefined;
}

export interface OrderBy {
  value: Expression;
  descending: boolean;
}

export interface Query {
  distinct: boolean;
  top: Expression | undefined;
  select: Select;
  from: Source;
  joins: Source[];
  where: Expression | undefined;
  groupBy: Expression[];
  orderBy: OrderBy[];
  /** `ORDER BY RANK …`: full-text scores, alone or fused by RRF. */
  rank: CallExpression | undefined;
  offset: Expression | undefined;
  limit: Expression | undefined;
}

export const AGGREGATES = new Set(['COUNT', 'SUM', 'MIN', 'MAX', 'AVG']);

/** Splits a condition at its outermost ANDs. */
export function conjuncts(condition: Expression | undefined): Expression[] {
  if (condition === undefined) return [];
  if (condition.kind === 'binary' && condition.operator === 'AND') {
    return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  }
  return [condition];
}

/** The expressions directly inside another (a subquery's are not among them). */
export function children(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'between':
      return [expression.value, expression.low, expression.high];
    case 'in':
      return [expression.value, ...expression.list];
    case 'like':
      return [expression.value, expression.pattern];
    case 'conditional':
      return [expression.test, expression.yes, expression.no];
    case 'call':
      return expression.parameters;
    case 'object':
      return expression.entries.map(([, value]) => value);
    case 'array':
      return expression.items;
    default:
      return [];
  }
}

export function isAggregate(expression: Expression): boolean {
  return expression.kind === 'call' && AGGREGATES.has(expression.name);
}

export function hasAggregate(expression: Expression): boolean {
  return isAggregate(expression) || children(expression).some(hasAggregate);
}

/** The expressions that a SELECT clause computes. */
export function selected(select: Select): Expression[] {
  if (select.kind === 'star') return [];
  return select.kind === 'value' ? [select.value] : select.items.map((item) => item.value);
}
