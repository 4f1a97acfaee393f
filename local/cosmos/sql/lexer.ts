import { badRequest } from '../errors.ts';

export type Token =
  | { kind: 'word'; text: string; at: number }
  | { kind: 'parameter'; text: string; at: number }
  | { kind: 'number'; value: number; text: string; at: number }
  | { kind: 'string'; value: string; text: string; at: number }
  | { kind: 'symbol'; text: string; at: number }
  | { kind: 'end'; text: string; at: number };

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const PARAMETER = /@[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOL = /<=|>=|<>|!=|\|\||\?\?|[=<>+\-*/%(),.[\]{}:?]/y;
const SPACE = /(?:\s|--[^\n]*)+/y;
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Splits a query into tokens. Throws 400 with the offset of a character that begins none. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = match(WORD)
      ? ({ kind: 'word', text: match(WORD) ?? '', at } as const)
      : (readParameter(match(PARAMETER), at) ?? readNumber(match(NUMBER), at) ?? readString(text, at));
    const symbol = token ?? readSymbol(match(SYMBOL), at);
    if (symbol === undefined) throw badRequest(`Syntax error at offset ${at}: unexpected character '${text[at]}'.`);
    tokens.push(symbol);
    at += symbol.text.length;
  }
  tokens.push({ kind: 'end', text: 'the end of the query', at });
  return tokens;
}

function readParameter(text: string | undefined, at: number): Token | undefined {
  return text === undefined ? undefined : { kind: 'parameter', text, at };
}

function readNumber(text: string | undefined, at: number): Token | undefined {
  return text === undefined ? undefined : { kind: 'number', value: Number(text), text, at };
}

function readSymbol(text: string | undefined, at: number): Token | undefined {
  return text === undefined ? undefined : { kind: 'symbol', text, at };
}

function readString(text: string, at: number): Token | undefined {
  const quote = text[at];
  if (quote !== "'" && quote !== '"') return undefined;
  let value = '';
  let next = at + 1;
  while (next < text.length) {
    const character = text[next] ?? '';
    if (character === quote) return { kind: 'string', value, text: text.slice(at, next + 1), at };
    if (character !== '\\') {
      value += character;
      next++;
      continue;
    }
    const escaped = text[next + 1] ?? '';
    const unicode = /^[0-9a-fA-F]{4}/.exec(text.slice(next + 2, next + 6))?.[0];
    if (escaped === 'u' && unicode !== undefined) {
      value += String.fromCharCode(Number.parseInt(unicode, 16));
      next += 6;
    } else {
      value += ESCAPES[escaped] ?? escaped;
      next += 2;
    }
  }
  throw badRequest(`Syntax error at offset ${at}: the string is not closed.`);
}
