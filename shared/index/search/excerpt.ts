import type { Finder } from './needles.ts';
import { PASSAGE_CHARACTERS, type Passage } from './passage.ts';

/** A piece of a page's text, and where in it the words of the search stand. */
export interface Excerpt {
  readonly excerpt: string;
  /** `[start, end)` in UTF-16 code units of `excerpt`, in order, not overlapping. */
  readonly highlights: readonly (readonly [number, number])[];
}

/** The text around a passage, cut at words; the page's own excerpt when there is none. */
export function excerptOf(text: string, passage: Passage | undefined, fallback: string, finder: Finder): Excerpt {
  const excerpt = passage ? around(text, passage) : fallback;
  return { excerpt, highlights: highlightsIn(excerpt, finder) };
}

function around(text: string, { start, end }: Passage): string {
  const room = Math.max(0, PASSAGE_CHARACTERS - (end - start));
  const from = Math.max(0, Math.min(start - Math.floor(room / 3), text.length - PASSAGE_CHARACTERS));
  const to = Math.min(text.length, Math.max(end, from + PASSAGE_CHARACTERS));
  const cutFrom = from === 0 ? 0 : nextWord(text, from, start);
  const cutTo = to === text.length ? to : lastWord(text, to, end);
  const piece = text.slice(cutFrom, cutTo).replace(/\s+/g, ' ').trim().toWellFormed();
  return `${cutFrom === 0 ? '' : '… '}${piece}${cutTo === text.length ? '' : ' …'}`;
}

/** Where the first whole word after a place begins, at most at `limit`. */
function nextWord(text: string, at: number, limit: number): number {
  if (/\s/.test(text.charAt(at - 1))) return at;
  const space = text.slice(at, limit).search(/\s/);
  return space < 0 ? limit : at + space + 1;
}

/** Where the last whole word before a place ends, at least at `limit`. */
function lastWord(text: string, at: number, limit: number): number {
  if (/\s/.test(text.charAt(at))) return at;
  const before = text.slice(limit, at);
  const space = Math.max(before.lastIndexOf(' '), before.lastIndexOf('\n'));
  return space < 0 ? limit : limit + space;
}

function highlightsIn(excerpt: string, finder: Finder): [number, number][] {
  const merged: [number, number][] = [];
  for (const { start, end } of finder.find(excerpt)) {
    const last = merged.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
