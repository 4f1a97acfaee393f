import type { DatabaseSync } from 'node:sqlite';
import { contains, equal, type Json } from '../json.ts';
import { rankOfJson } from './value.ts';

type Argument = null | number | bigint | string | Uint8Array;

const parse = (text: Argument): Json | undefined => (text === null ? undefined : (JSON.parse(String(text)) as Json));

/** Registers what Cosmos DB's semantics need and SQLite does not have. Arguments and results are JSON text or scalars. */
export function registerFunctions(database: DatabaseSync): void {
  const define = (name: string, call: (...values: Argument[]) => Argument) =>
    database.function(name, { deterministic: true, varargs: true }, call);

  // SQLite's own lower() and upper() know ASCII only.
  define('cosmos_lower', (text) => (text === null || text === undefined ? null : String(text).toLowerCase()));
  define('cosmos_upper', (text) => (text === null || text === undefined ? null : String(text).toUpperCase()));
  define('cosmos_object', (...entries) => {
    const parts: string[] = [];
    for (let i = 0; i < entries.length; i += 2) {
      const value = entries[i + 1];
      if (value !== null && value !== undefined) parts.push(`${entries[i]}:${value}`);
    }
    return `{${parts.join()}}`;
  });
  define('cosmos_array', (...items) => `[${items.filter((item) => item !== null).join()}]`);
  define('cosmos_equal', (left, right) => Number(equal(parse(left ?? null), parse(right ?? null))));
  define('cosmos_array_contains', (list, item, partial) => {
    const values = parse(list ?? null);
    const wanted = parse(item ?? null);
    if (!Array.isArray(values) || wanted === undefined) return null;
    return Number(values.some((value) => (partial === 1 ? contains(value, wanted) : equal(value, wanted))));
  });
  define('cosmos_like', (text, pattern, escapeCharacter) => {
    if (typeof text !== 'string' || typeof pattern !== 'string') return null;
    return Number(likePattern(pattern, typeof escapeCharacter === 'string' ? escapeCharacter : undefined).test(text));
  });
  defineExtreme(database, 'cosmos_min', -1);
  defineExtreme(database, 'cosmos_max', 1);
}

function defineExtreme(database: DatabaseSync, name: string, sign: 1 | -1): void {
  database.aggregate(name, {
    start: (): string | null => null,
    step: (best: string | null, text: Argument) => {
      if (text === null) return best;
      const candidate = String(text);
      return best === null || compare(parse(candidate), parse(best)) * sign > 0 ? candidate : best;
    },
    result: (best: string | null) => best,
  });
}

/** Cosmos DB's order: undefined, null, false, true, numbers, strings, arrays, objects. */
function compare(left: Json | undefined, right: Json | undefined): number {
  const ranks = rankOfJson(left) - rankOfJson(right);
  if (ranks !== 0) return ranks;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : Number(left > right);
  return 0;
}

const patterns = new Map<string, RegExp>();

/** `%` any characters, `_` one, `[abc]`, `[a-f]`, `[^a]` one of a set; the escape character takes the next one literally. */
function likePattern(pattern: string, escapeCharacter: string | undefined): RegExp {
  const key = `${escapeCharacter ?? ''}\u0000${pattern}`;
  const known = patterns.get(key);
  if (known) return known;
  const literal = (character: string) => character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  let source = '';
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    const close = character === '[' ? characters.indexOf(']', i + 1) : -1;
    if (character === escapeCharacter) source += literal(characters[++i] ?? '');
    else if (character === '%') source += '.*';
    else if (character === '_') source += '.';
    else if (close > 0) {
      source += `[${characters
        .slice(i + 1, close)
        .join('')
        .replace(/[\\[]/g, '\\$&')}]`;
      i = close;
    } else source += literal(character);
  }
  const expression = new RegExp(`^${source}$`, 'su');
  if (patterns.size > 1000) patterns.clear();
  patterns.set(key, expression);
  return expression;
}
