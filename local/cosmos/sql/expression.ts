import { badRequest } from '../errors.ts';
import type { Json } from '../json.ts';
import { aggregate } from './aggregates.ts';
import { type BinaryOperator, type Expression, isAggregate, type PathExpression } from './ast.ts';
import { callFunction } from './functions.ts';
import type { Scope } from './scope.ts';
import { fromCondition, fromJsonText, RANK, rankOfJson, type Sql, scalar } from './value.ts';

/** Translates an expression to SQL. Constants become bound parameters, never text. */
export function translate(expression: Expression, scope: Scope): Sql {
  switch (expression.kind) {
    case 'constant':
      return constant(expression.value, scope);
    case 'parameter':
      return constant(scope.parameter(expression), scope);
    case 'path':
      return scope.path(expression);
    case 'object':
      return object(expression.entries, scope);
    case 'array':
      return array(expression.items, scope);
    case 'call':
      if (isAggregate(expression) || expression.name === 'COUNTIF') return aggregate(expression, scope);
      return callFunction(expression, scope);
    case 'exists':
      return fromCondition(() => scope.exists(expression.query));
    case 'unary':
      return expression.operator === 'NOT'
        ? fromCondition(() => `(NOT ${condition(expression.operand, scope, true)})`)
        : arithmetic('-', constant(0, scope), translate(expression.operand, scope));
    case 'binary':
      return binary(expression.operator, expression.left, expression.right, scope);
    case 'between':
      return between(expression, scope);
    case 'in':
      return isIn(expression, scope);
    case 'like':
      return like(expression, scope);
    case 'conditional':
      return choose(
        condition(expression.test, scope, false),
        translate(expression.yes, scope),
        translate(expression.no, scope),
      );
  }
}

/**
 * A condition as SQL that is 1, 0 or NULL for undefined: Cosmos DB's three-valued logic is SQL's. Unless `exact`, 0 may stand
 * for undefined, which gives conditions that an index can serve.
 */
export function condition(expression: Expression, scope: Scope, exact: boolean): string {
  if (expression.kind === 'binary' && (expression.operator === 'AND' || expression.operator === 'OR')) {
    const left = condition(expression.left, scope, exact);
    return `(${left} ${expression.operator} ${condition(expression.right, scope, exact)})`;
  }
  const sql = translate(expression, scope);
  return sql.condition?.(exact) ?? `(CASE ${sql.rank} WHEN 3 THEN 1 WHEN 2 THEN 0 END)`;
}

export function constant(value: Json | undefined, scope: Scope): Sql {
  const rank = String(rankOfJson(value));
  const known = { constant: { value } };
  if (value === undefined) return { rank, value: 'NULL', json: 'NULL', ...known };
  const json = scope.bind(JSON.stringify(value));
  if (value === null) return { rank, value: 'NULL', json, ...known };
  if (typeof value === 'boolean') return { rank, value: value ? '1' : '0', json, ...known };
  if (typeof value === 'object') return { rank, value: json, json, ...known };
  return { rank, value: scope.bind(value), json, ...known };
}

function object(entries: [string, Expression][], scope: Scope): Sql {
  const values = entries.map(([name, value]) => [name, translate(value, scope)] as const);
  if (values.every(([, value]) => value.constant !== undefined)) {
    const known: { [name: string]: Json } = {};
    for (const [name, value] of values) if (value.constant?.value !== undefined) known[name] = value.constant.value;
    return constant(known, scope);
  }
  return { rank: String(RANK.object), ...both(objectText(values, scope)) };
}

export function objectText(values: (readonly [name: string, value: Sql])[], scope: Scope): string {
  return `cosmos_object(${values.map(([name, value]) => `${scope.bind(JSON.stringify(name))}, ${value.json}`).join()})`;
}

function array(items: Expression[], scope: Scope): Sql {
  const values = items.map((item) => translate(item, scope));
  if (values.every((value) => value.constant !== undefined)) {
    return constant(
      values.flatMap((value) => (value.constant?.value === undefined ? [] : [value.constant.value])),
      scope,
    );
  }
  return { rank: String(RANK.array), ...both(`cosmos_array(${values.map((value) => value.json).join()})`) };
}

const both = (text: string) => ({ value: text, json: text });

function binary(operator: BinaryOperator, left: Expression, right: Expression, scope: Scope): Sql {
  if (operator === 'AND' || operator === 'OR') {
    return fromCondition((exact) => `(${condition(left, scope, exact)} ${operator} ${condition(right, scope, exact)})`);
  }
  const a = translate(left, scope);
  const b = translate(right, scope);
  if (operator === '??') return choose(`${a.rank} > 0`, a, b);
  if (operator === '||') {
    return scalar(RANK.string, `iif(${a.rank} = 5 AND ${b.rank} = 5, ${a.value} || ${b.value}, NULL)`);
  }
  if (operator === '+' || operator === '-' || operator === '*' || operator === '/' || operator === '%') {
    return arithmetic(operator, a, b);
  }
  return fromCondition((exact) => compare(operator, a, b, exact));
}

function choose(test: string, yes: Sql, no: Sql): Sql {
  const pick = (a: string, b: string) => `iif(${test}, ${a}, ${b})`;
  return { rank: pick(yes.rank, no.rank), value: pick(yes.value, no.value), json: pick(yes.json, no.json) };
}

function arithmetic(operator: '+' | '-' | '*' | '/' | '%', a: Sql, b: Sql): Sql {
  // Numbers are doubles in Cosmos DB: without the cast, 1 / 2 would be 0. mod() takes doubles, SQLite's % does not.
  const left = `CAST(${a.value} AS REAL)`;
  const result = operator === '%' ? `mod(${left}, ${b.value})` : `${left} ${operator} ${b.value}`;
  return scalar(RANK.number, `iif(${a.rank} = 4 AND ${b.rank} = 4, ${result}, NULL)`);
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';
const MIRRORED: Record<Comparison, Comparison> = { '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Comparing different types, or anything with undefined, is undefined; so is every comparison of objects but `=`. */
export function compare(operator: Comparison, a: Sql, b: Sql, exact: boolean): string {
  if (b.constant !== undefined) return compareWithConstant(operator, a, b, b.constant.value, exact);
  if (a.constant !== undefined) return compareWithConstant(MIRRORED[operator], b, a, a.constant.value, exact);
  const orEqual = operator.includes('=') && operator !== '!=' ? 1 : 0;
  const same = operator === '=' ? `cosmos_equal(${a.json}, ${b.json})` : 'NULL';
  return (
    `(CASE WHEN ${a.rank} IN (2, 3) AND ${b.rank} IN (2, 3) THEN ${a.rank} ${operator} ${b.rank} ` +
    `WHEN ${a.rank} = 0 OR ${a.rank} <> ${b.rank} THEN NULL WHEN ${a.rank} = 1 THEN ${orEqual} ` +
    `WHEN ${a.rank} >= 6 THEN ${same} ELSE ${a.value} ${operator} ${b.value} END)`
  );
}

function compareWithConstant(operator: Comparison, a: Sql, b: Sql, known: Json | undefined, exact: boolean): string {
  const rank = rankOfJson(known);
  const guarded = (sameType: string, test: string) =>
    exact ? `(CASE WHEN ${sameType} THEN ${test} END)` : `(${sameType} AND ${test})`;
  const sameRank = `${a.rank} = ${rank}`;
  if (known === undefined) return 'NULL';
  if (known === null) {
    if (operator === '=' && !exact) return `(${sameRank} AND ${a.value} IS NULL)`;
    return guarded(sameRank, operator === '!=' || operator === '<' || operator === '>' ? '0' : '1');
  }
  if (typeof known === 'boolean') {
    if (operator === '=' && !exact) return `(${sameRank} AND ${a.value} = ${Number(known)})`;
    return guarded(`${a.rank} IN (2, 3)`, `${a.rank} ${operator} ${rank}`);
  }
  if (typeof known === 'object') {
    return operator === '=' ? guarded(sameRank, `cosmos_equal(${a.json}, ${b.json})`) : 'NULL';
  }
  return guarded(sameRank, `${a.value} ${operator} ${b.value}`);
}

function between(expression: Extract<Expression, { kind: 'between' }>, scope: Scope): Sql {
  const value = translate(expression.value, scope);
  const low = translate(expression.low, scope);
  const high = translate(expression.high, scope);
  return fromCondition((exact) => `(${compare('>=', value, low, exact)} AND ${compare('<=', value, high, exact)})`);
}

function isIn(expression: Extract<Expression, { kind: 'in' }>, scope: Scope): Sql {
  const value = translate(expression.value, scope);
  const list = expression.list.map((item) => translate(item, scope));
  return fromCondition((exact) => {
    const values = list.map((item) => item.constant?.value);
    if (!exact)
      return anyOf(value, values, scope) ?? `(${list.map((item) => compare('=', value, item, false)).join(' OR ')})`;
    return `(${list.map((item) => compare('=', value, item, true)).join(' OR ')})`;
  });
}

/** `value` equals one of several strings or numbers, in a form that an index can serve; undefined if they are anything else. */
export function anyOf(value: Sql, wanted: (Json | undefined)[], scope: Scope): string | undefined {
  const strings = wanted.every((item) => typeof item === 'string');
  if (wanted.length === 0 || !(strings || wanted.every((item) => typeof item === 'number'))) return undefined;
  const list = scope.bind(JSON.stringify(wanted));
  const rank = strings ? RANK.string : RANK.number;
  return `(${value.rank} = ${rank} AND ${value.value} IN (SELECT value FROM json_each(${list})))`;
}

function like(expression: Extract<Expression, { kind: 'like' }>, scope: Scope): Sql {
  const value = translate(expression.value, scope);
  const pattern = translate(expression.pattern, scope);
  const escapeCharacter = expression.escape === undefined ? 'NULL' : scope.bind(expression.escape);
  return fromCondition(
    () =>
      `(CASE WHEN ${value.rank} = 5 AND ${pattern.rank} = 5 THEN cosmos_like(${value.value}, ${pattern.value}, ${escapeCharacter}) END)`,
  );
}

/** The steps of a path with parameters filled in. */
export function resolveSteps(path: PathExpression, scope: Pick<Scope, 'parameter'>): (string | number)[] {
  return path.steps.map((step) => {
    if (typeof step !== 'object') return step;
    const value = scope.parameter({ name: step.parameter, at: path.at });
    if (typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value))) return value;
    throw badRequest(
      `The parameter ${step.parameter} at offset ${path.at} must be a property's name or an array index.`,
    );
  });
}

/** The value at a path below a value given as JSON text: elements of an array, results of functions. */
export function below(text: string, path: string): Sql {
  return path === "'$'" ? fromJsonText(text) : fromJsonText(`(${text} -> ${path})`);
}
