import type { Expression, Query, Select, Source, Step } from './ast.ts';
import { defaultName } from './parser.ts';

/** An expression as query text again, with brackets wherever they could matter. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'constant':
      return expression.value === undefined ? 'undefined' : JSON.stringify(expression.value);
    case 'parameter':
      return expression.name;
    case 'path':
      return expression.root + expression.steps.map(printStep).join('');
    case 'unary':
      return `(${expression.operator} ${print(expression.operand)})`;
    case 'binary':
      return `(${print(expression.left)} ${expression.operator} ${print(expression.right)})`;
    case 'between':
      return `(${print(expression.value)} BETWEEN ${print(expression.low)} AND ${print(expression.high)})`;
    case 'in':
      return `(${print(expression.value)} IN (${expression.list.map(print).join(', ')}))`;
    case 'like': {
      const suffix = expression.escape === undefined ? '' : ` ESCAPE ${JSON.stringify(expression.escape)}`;
      return `(${print(expression.value)} LIKE ${print(expression.pattern)}${suffix})`;
    }
    case 'conditional':
      return `(${print(expression.test)} ? ${print(expression.yes)} : ${print(expression.no)})`;
    case 'call':
      return `${expression.name}(${expression.parameters.map(print).join(', ')})`;
    case 'exists':
      return `EXISTS(${printQuery(expression.query)})`;
    case 'object':
      return `{${expression.entries.map(([name, value]) => `${JSON.stringify(name)}: ${print(value)}`).join(', ')}}`;
    case 'array':
      return `[${expression.items.map(print).join(', ')}]`;
  }
}

function printStep(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  return typeof step === 'string' ? `[${JSON.stringify(step)}]` : `[${step.parameter}]`;
}

export function printQuery(query: Query): string {
  const parts = ['SELECT'];
  if (query.distinct) parts.push('DISTINCT');
  if (query.top !== undefined) parts.push(`TOP ${print(query.top)}`);
  parts.push(printSelect(query.select), `FROM ${printSource(query.from)}`);
  for (const join of query.joins) parts.push(`JOIN ${printSource(join)}`);
  if (query.where !== undefined) parts.push(`WHERE ${print(query.where)}`);
  if (query.groupBy.length > 0) parts.push(`GROUP BY ${query.groupBy.map(print).join(', ')}`);
  if (query.orderBy.length > 0) {
    const items = query.orderBy.map(({ value, descending }) => `${print(value)} ${descending ? 'DESC' : 'ASC'}`);
    parts.push(`ORDER BY ${items.join(', ')}`);
  }
  if (query.offset !== undefined && query.limit !== undefined) {
    parts.push(`OFFSET ${print(query.offset)} LIMIT ${print(query.limit)}`);
  }
  return parts.join(' ');
}

function printSelect(select: Select): string {
  if (select.kind === 'star') return '*';
  if (select.kind === 'value') return `VALUE ${print(select.value)}`;
  const items = select.items.map(({ name, value }, index) => {
    // A name that cannot be written as an alias is one that the parser gives by itself.
    return name === defaultName(value, index) ? print(value) : `${print(value)} AS ${name}`;
  });
  return items.join(', ');
}

function printSource(source: Source): string {
  return source.elementsOf === undefined ? source.alias : `${source.alias} IN ${print(source.elementsOf)}`;
}
