import { badRequest } from '../errors.ts';
import type { CallExpression } from './ast.ts';
import { condition, translate } from './expression.ts';
import type { Scope } from './scope.ts';
import { fromJsonText, RANK, type Sql, scalar } from './value.ts';

/** COUNT, SUM, AVG, MIN, MAX and COUNTIF over the rows of a group. Undefined values are left out. */
export function aggregate(call: CallExpression, scope: Scope): Sql {
  const [argument] = call.parameters;
  if (argument === undefined || call.parameters.length > 1) {
    throw badRequest(`${call.name} at offset ${call.at} takes one argument.`);
  }
  if (!scope.aggregates) throw badRequest(`The aggregate ${call.name} at offset ${call.at} cannot be used here.`);
  const rows = scope.withoutAggregates();
  if (call.name === 'COUNTIF') {
    return scalar(RANK.number, `count(iif(${condition(argument, rows, false)}, 1, NULL))`);
  }
  const sql = translate(argument, rows);
  switch (call.name) {
    case 'COUNT':
      return scalar(
        RANK.number,
        sql.constant?.value === undefined ? `count(iif(${sql.rank} > 0, 1, NULL))` : 'count(*)',
      );
    case 'MIN':
      return fromJsonText(`cosmos_min(${sql.json})`);
    case 'MAX':
      return fromJsonText(`cosmos_max(${sql.json})`);
    default:
      return scalar(RANK.number, numbersOnly(sql, call.name === 'SUM' ? 'sum' : 'avg'));
  }
}

/** Undefined as soon as one value is not a number, as in the service. */
function numbersOnly(sql: Sql, name: 'sum' | 'avg'): string {
  const others = `count(iif(${sql.rank} NOT IN (0, 4), 1, NULL))`;
  return `iif(${others} = 0, ${name}(iif(${sql.rank} = 4, CAST(${sql.value} AS REAL), NULL)), NULL)`;
}
