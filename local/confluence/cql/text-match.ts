/** What the `~` operator looks for: an FTS5 expression, and the words to highlight. */
export interface TextMatch {
  expression: string;
  words: string[];
}

const OPERATORS = ['AND', 'OR', 'NOT'];

/**
 * All words must occur unless OR or NOT (in capitals) stands between them; `word*` matches beginnings; words in inner
 * quotes must follow each other. Undefined when no word is left.
 */
export function textMatch(value: string, titleOnly: boolean): TextMatch | undefined {
  let expression = '';
  let operator = 'AND';
  const words: string[] = [];
  for (const [, quoted, bare = ''] of value.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    if (OPERATORS.includes(bare)) {
      operator = bare;
      continue;
    }
    const found = (quoted ?? bare).match(/[\p{L}\p{N}]+/gu);
    if (!found) continue;
    const phrase = `"${found.join(' ')}"${bare.endsWith('*') ? ' *' : ''}`;
    expression = expression === '' ? phrase : `(${expression} ${operator} ${phrase})`;
    if (operator !== 'NOT') words.push(...found);
    operator = 'AND';
  }
  if (expression === '') return undefined;
  return { expression: titleOnly ? `{title} : (${expression})` : expression, words };
}
