import { CqlError } from './errors.ts';

export interface Token {
  kind: 'string' | 'word' | 'operator' | 'punctuation' | 'end';
  text: string;
}

const PATTERN = /\s+|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|>=|<=|[=~<>])|([(),])|([^\s"'()=~<>!,]+)/gsy;

/** Splits a CQL text into tokens; backslash escapes inside quotes are resolved. */
export function tokenize(cql: string): Token[] {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < cql.length) {
    const at = PATTERN.lastIndex;
    const found = PATTERN.exec(cql);
    if (!found) throw new CqlError(`unexpected character at position ${at + 1}`);
    const [, double, single, operator, punctuation, word] = found;
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ kind: 'string', text: quoted.replace(/\\(.)/gs, '$1') });
    else if (operator) tokens.push({ kind: 'operator', text: operator });
    else if (punctuation) tokens.push({ kind: 'punctuation', text: punctuation });
    else if (word) tokens.push({ kind: 'word', text: word });
  }
  tokens.push({ kind: 'end', text: 'the end' });
  return tokens;
}
