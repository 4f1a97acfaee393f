import { escapeHtml } from '../http/html.ts';

export const EXCERPT_MODES = ['highlight', 'indexed', 'none', 'highlight_unescaped', 'indexed_unescaped'] as const;
export type ExcerptMode = (typeof EXCERPT_MODES)[number];

const LENGTH = 300;

/** An excerpt of a text as v1 search words it: escaped or not, with or without markers around what was searched. */
export function excerptOf(text: string, mode: ExcerptMode, words: readonly string[]): string {
  if (mode === 'none') return '';
  const toText = mode.endsWith('_unescaped') ? (plain: string) => plain : escapeHtml;
  const highlighting = mode.startsWith('highlight');
  const at = highlighting ? firstMatch(text, words) : 0;
  const from = Math.max(0, at - LENGTH / 3);
  const part = text.slice(from, from + LENGTH);
  return highlighting ? highlight(part, words, toText) : toText(part);
}

/** Puts `@@@hl@@@` and `@@@endhl@@@` around every word that was searched for, whatever its ending. */
export function highlight(text: string, words: readonly string[], toText: (plain: string) => string): string {
  const expression = matcher(words, 'giu');
  if (!expression) return toText(text);
  let result = '';
  let last = 0;
  for (const found of text.matchAll(expression)) {
    result += `${toText(text.slice(last, found.index))}@@@hl@@@${toText(found[0])}@@@endhl@@@`;
    last = found.index + found[0].length;
  }
  return result + toText(text.slice(last));
}

function firstMatch(text: string, words: readonly string[]): number {
  return matcher(words, 'iu')?.exec(text)?.index ?? 0;
}

function matcher(words: readonly string[], flags: string): RegExp | undefined {
  if (words.length === 0) return undefined;
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join('|')})[\\p{L}\\p{N}]*`, flags);
}
