import { badRequest } from '../errors.ts';
import { isObject, type Json } from '../json.ts';

/**
 * A Cosmos DB value as three SQL expressions.
 *
 * `rank` is the value's type in Cosmos DB's order of types (never NULL; 0 means undefined), `value` what SQLite can
 * compare (a boolean is 0 or 1; NULL for null and undefined), `json` its JSON text (NULL for undefined). Keeping type and
 * value apart is what keeps `1`, `true` and `'1'` different, and lets one index on (rank, value) serve equality, ranges and
 * the order across types.
 */
export interface Sql {
  rank: string;
  value: string;
  json: string;
  /** Set when the value is known before the query runs. */
  constant?: { value: Json | undefined };
  /** Set when the value is true, false or undefined: `exact` tells undefined from false, for use under NOT. */
  condition?: (exact: boolean) => string;
}

export const RANK = { undefined: 0, null: 1, false: 2, true: 3, number: 4, string: 5, array: 6, object: 7 } as const;

export function rankOfJson(value: Json | undefined): number {
  if (value === undefined) return RANK.undefined;
  if (value === null) return RANK.null;
  if (typeof value === 'boolean') return value ? RANK.true : RANK.false;
  if (typeof value === 'number') return RANK.number;
  if (typeof value === 'string') return RANK.string;
  return isObject(value) ? RANK.object : RANK.array;
}

const RANK_BY_TYPE =
  "WHEN 'text' THEN 5 WHEN 'integer' THEN 4 WHEN 'real' THEN 4 WHEN 'true' THEN 3 WHEN 'false' THEN 2 WHEN 'null' THEN 1 WHEN 'array' THEN 6 WHEN 'object' THEN 7";

/** The rank for an SQL expression that yields a type as SQLite's `json_type` names it. */
export const rankOfType = (type: string) => `CASE ${type} ${RANK_BY_TYPE} ELSE 0 END`;

/** A value inside a document (`column`), at an SQLite JSON path literal. The text must stay the same as in an index. */
export function inDocument(column: string, path: string): Sql {
  return {
    rank: rankOfType(`json_type(${column}, ${path})`),
    value: `json_extract(${column}, ${path})`,
    json: `(${column} -> ${path})`,
  };
}

/** A value given as JSON text (NULL for undefined) by an SQL expression. */
export function fromJsonText(text: string): Sql {
  return { rank: rankOfType(`json_type(${text})`), value: `json_extract(${text}, '$')`, json: text };
}

/** A number or string; an SQL expression that yields NULL means undefined. */
export function scalar(rank: typeof RANK.number | typeof RANK.string, value: string): Sql {
  return {
    rank: `iif((${value}) IS NULL, 0, ${rank})`,
    value,
    json: rank === RANK.string ? `iif((${value}) IS NULL, NULL, json_quote(${value}))` : value,
  };
}

export function fromCondition(condition: (exact: boolean) => string): Sql {
  const exact = condition(true);
  return {
    rank: `CASE ${exact} WHEN 1 THEN 3 WHEN 0 THEN 2 ELSE 0 END`,
    value: exact,
    json: `CASE ${exact} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`,
    condition,
  };
}

/**
 * Property names and indexes as an SQLite JSON path literal. They are part of the SQL text, because an index on an expression is
 * used only when the texts are equal, so they are quoted here, and a name that cannot be quoted is refused.
 */
export function pathLiteral(steps: (string | number)[]): string {
  const path = steps.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    // What JSON escapes inside a string, SQLite's path syntax cannot spell.
    if (JSON.stringify(step).length !== step.length + 2) {
      throw badRequest(`The property name ${JSON.stringify(step)} in a query is not supported by this emulator.`);
    }
    return `."${step}"`;
  });
  return `'$${path.join('').replaceAll("'", "''")}'`;
}
