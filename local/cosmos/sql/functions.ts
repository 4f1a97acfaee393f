import { badRequest } from '../errors.ts';
import type { CallExpression } from './ast.ts';
import { anyOf, compare, constant, translate } from './expression.ts';
import { fullTextFunction } from './full-text-functions.ts';
import type { Scope } from './scope.ts';
import { fromCondition, RANK, type Sql, scalar } from './value.ts';

type Build = (values: Sql[], scope: Scope) => Sql;
interface Definition {
  least: number;
  most: number;
  build: Build;
}

const define = (least: number, most: number, build: Build): Definition => ({ least, most, build });
const missing: Sql = { rank: '0', value: 'NULL', json: 'NULL', constant: { value: undefined } };
const at = (values: Sql[], index: number): Sql => values[index] ?? missing;

/** A function of one value's type. */
const typeTest = (test: (rank: string) => string) =>
  define(1, 1, (values) => fromCondition(() => `(${test(at(values, 0).rank)})`));

/** A function of strings that is a condition; a flag as the last argument makes it ignore case. */
const stringTest = (test: (text: string, part: string) => string) =>
  define(2, 3, (values) => {
    const [text, part, flag] = [at(values, 0), at(values, 1), at(values, 2)];
    const ignoreCase = flag.constant?.value === true;
    const fold = (sql: Sql) => (ignoreCase ? `cosmos_lower(${sql.value})` : sql.value);
    return fromCondition(
      () => `(CASE WHEN ${text.rank} = 5 AND ${part.rank} = 5 THEN ${test(fold(text), fold(part))} END)`,
    );
  });

/** A function of a string and numbers that is a scalar; undefined unless every argument has its type. */
const scalarOf = (
  types: readonly (4 | 5 | 6)[],
  result: 4 | 5,
  build: (...values: string[]) => string,
  least = types.length,
) =>
  define(least, types.length, (values) => {
    const typed = values.map((value, index) => `${value.rank} = ${types[index]}`).join(' AND ');
    return scalar(result, `iif(${typed}, ${build(...values.map((value) => value.value))}, NULL)`);
  });

const FUNCTIONS: Record<string, Definition> = {
  IS_DEFINED: typeTest((rank) => `${rank} > 0`),
  IS_NULL: typeTest((rank) => `${rank} = 1`),
  IS_BOOL: typeTest((rank) => `${rank} IN (2, 3)`),
  IS_NUMBER: typeTest((rank) => `${rank} = 4`),
  IS_STRING: typeTest((rank) => `${rank} = 5`),
  IS_ARRAY: typeTest((rank) => `${rank} = 6`),
  IS_OBJECT: typeTest((rank) => `${rank} = 7`),
  IS_PRIMITIVE: typeTest((rank) => `${rank} BETWEEN 1 AND 5`),
  STARTSWITH: define(2, 3, startsWith),
  ENDSWITH: stringTest((text, part) => `substr(${text}, max(1, length(${text}) - length(${part}) + 1)) = ${part}`),
  CONTAINS: stringTest((text, part) => `instr(${text}, ${part}) > 0`),
  STRINGEQUALS: stringTest((text, part) => `${text} = ${part}`),
  LOWER: scalarOf([5], RANK.string, (text) => `cosmos_lower(${text})`),
  UPPER: scalarOf([5], RANK.string, (text) => `cosmos_upper(${text})`),
  LENGTH: scalarOf([5], RANK.number, (text) => `length(${text})`),
  TRIM: scalarOf([5], RANK.string, (text) => `trim(${text})`),
  LTRIM: scalarOf([5], RANK.string, (text) => `ltrim(${text})`),
  RTRIM: scalarOf([5], RANK.string, (text) => `rtrim(${text})`),
  SUBSTRING: scalarOf(
    [5, 4, 4],
    RANK.string,
    (text, start, length) => `substr(${text}, max(0, ${start}) + 1, max(0, ${length}))`,
  ),
  LEFT: scalarOf([5, 4], RANK.string, (text, length) => `substr(${text}, 1, max(0, ${length}))`),
  RIGHT: scalarOf(
    [5, 4],
    RANK.string,
    (text, length) => `substr(${text}, max(1, length(${text}) - max(0, ${length}) + 1))`,
  ),
  INDEX_OF: scalarOf([5, 5], RANK.number, (text, part) => `instr(${text}, ${part}) - 1`),
  REPLACE: scalarOf([5, 5, 5], RANK.string, (text, from, to) => `replace(${text}, ${from}, ${to})`),
  ABS: scalarOf([4], RANK.number, (number) => `abs(${number})`),
  FLOOR: scalarOf([4], RANK.number, (number) => `floor(${number})`),
  CEILING: scalarOf([4], RANK.number, (number) => `ceil(${number})`),
  ROUND: scalarOf([4], RANK.number, (number) => `round(${number})`),
  CONCAT: define(2, 20, (values) =>
    scalar(
      RANK.string,
      `iif(${values.map((value) => `${value.rank} = 5`).join(' AND ')}, ${values.map((value) => value.value).join(' || ')}, NULL)`,
    ),
  ),
  ARRAY_LENGTH: scalarOf([6], RANK.number, (list) => `json_array_length(${list})`),
  ARRAY_CONTAINS: define(2, 3, arrayContains),
};

/** Translates a call. Throws 400 that names the function if this emulator does not have it. */
export function callFunction(call: CallExpression, scope: Scope): Sql {
  const fullText = fullTextFunction(call, scope);
  if (fullText !== undefined) return fullText;
  const definition = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (definition === undefined) {
    throw badRequest(`The function ${call.name} at offset ${call.at} is not supported by this emulator.`);
  }
  const count = call.parameters.length;
  if (count < definition.least || count > definition.most) {
    const wanted =
      definition.least === definition.most ? `${definition.least}` : `${definition.least} to ${definition.most}`;
    throw badRequest(`The function ${call.name} at offset ${call.at} takes ${wanted} arguments, not ${count}.`);
  }
  const values = call.parameters.map((parameter) => translate(parameter, scope));
  return definition.build(values, scope);
}

function startsWith(values: Sql[], scope: Scope): Sql {
  const [text, prefix, flag] = [at(values, 0), at(values, 1), at(values, 2)];
  const ignoreCase = flag.constant?.value === true;
  const known = prefix.constant?.value;
  return fromCondition((exact) => {
    if (!ignoreCase && !exact && typeof known === 'string' && known !== '') return prefixRange(text, known, scope);
    const fold = (sql: Sql) => (ignoreCase ? `cosmos_lower(${sql.value})` : sql.value);
    const test = `substr(${fold(text)}, 1, length(${fold(prefix)})) = ${fold(prefix)}`;
    return `(CASE WHEN ${text.rank} = 5 AND ${prefix.rank} = 5 THEN ${test} END)`;
  });
}

/** A prefix as a range, which an index serves: from the prefix up to the next string of the same length. */
function prefixRange(text: Sql, prefix: string, scope: Scope): string {
  const from = compare('>=', text, constant(prefix, scope), false);
  const characters = [...prefix];
  const last = characters.pop()?.codePointAt(0) ?? 0;
  if (last >= 0x10ffff)
    return `(${from} AND substr(${text.value}, 1, ${characters.length + 1}) = ${scope.bind(prefix)})`;
  // The code points D800 to DFFF are surrogates, which no string holds on their own.
  const next = last === 0xd7ff ? 0xe000 : last + 1;
  const end = characters.join('') + String.fromCodePoint(next);
  return `(${from} AND ${compare('<', text, constant(end, scope), false)})`;
}

function arrayContains(values: Sql[], scope: Scope): Sql {
  const [list, item, flag] = [at(values, 0), at(values, 1), at(values, 2)];
  const partial = flag.constant?.value === true;
  const known = list.constant?.value;
  return fromCondition((exact) => {
    if (!exact && Array.isArray(known)) {
      const indexed = anyOf(item, known, scope);
      if (indexed !== undefined) return indexed;
    }
    const wanted = item.constant?.value;
    if (!exact && (typeof wanted === 'string' || typeof wanted === 'number')) {
      const type = typeof wanted === 'string' ? "type = 'text'" : "type IN ('integer', 'real')";
      return `(${list.rank} = 6 AND EXISTS (SELECT 1 FROM json_each(${list.json}) WHERE ${type} AND value = ${item.value}))`;
    }
    return `(CASE WHEN ${list.rank} = 6 THEN cosmos_array_contains(${list.json}, ${item.json}, ${Number(partial)}) END)`;
  });
}
