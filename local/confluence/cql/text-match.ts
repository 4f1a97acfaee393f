import { CqlError } from './errors.ts';

/** What the `~` operator looks for: an FTS5 expression, and the words to highlight. */
export interface TextMatch {
  expression: string;
  words: string[];
}

/** All words must occur, `word*` matches beginnings, words in inner quotes must follow each other. */
export function textMatch(value: string, titleOnly: boolean): TextMatch | undefined {
  if (/\b(OR|NOT)\b/.test(value)) throw new CqlError('The simulator does not support OR and NOT inside a text value');
  const phrases: string[] = [];
  const words: string[] = [];
  for (const [, quoted, bare] of value.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    const found = (quoted ?? bare ?? '').match(/[\p{L}\p{N}]+/gu) ?? [];
    if (found.length === 0 || bare === 'AND') continue;
    words.push(...found);
    phrases.push(`"${found.join(' ')}"${bare?.endsWith('*') ? ' *' : ''}`);
  }
  if (phrases.length === 0) return undefined;
  const expression = phrases.join(' AND ');
  return { expression: titleOnly ? `{title} : (${expression})` : expression, words };
}
