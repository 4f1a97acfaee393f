import type { SearchQuery } from './query.ts';
import { fold, stem } from './words.ts';

/** Something that a search looks for in a text: a word in any of its forms, or a code as it stands. */
export interface Needle {
  readonly kind: 'word' | 'joined' | 'code';
  /** The folded word or code. */
  readonly text: string;
}

/** Where a needle occurs in a text. */
export interface Occurrence {
  readonly needle: number;
  readonly start: number;
  readonly end: number;
}

export interface Finder {
  readonly needles: readonly Needle[];
  /** All occurrences in order of their starts. */
  find(text: string): Occurrence[];
}

/** Prepares looking for the words and codes of a search in many texts. */
export function createFinder({ terms, codes }: SearchQuery): Finder {
  const needles: Needle[] = [
    ...terms.map(({ word, isJoined }): Needle => ({ kind: isJoined ? 'joined' : 'word', text: word })),
    ...codes.map((text): Needle => ({ kind: 'code', text })),
  ];
  const byStem = new Map(terms.map((term, index) => [term.stem, index]));
  const pattern = wordPattern([...byStem.keys()]);
  return {
    needles,
    find(text) {
      const folded = fold(text);
      const words = [...folded.matchAll(pattern)].flatMap(({ 0: word, index }) => {
        const needle = byStem.get(stem(word));
        return needle === undefined ? [] : [{ needle, start: index, end: index + word.length }];
      });
      const whole = codes.flatMap((code, index) => occurrencesOf(folded, code, terms.length + index));
      return whole.length === 0 ? words : [...words, ...whole].sort((a, b) => a.start - b.start);
    },
  };
}

/** Finds what may have one of the stems; the last letter of a longer stem may differ (*policy*, *policies*). */
function wordPattern(stems: readonly string[]): RegExp {
  const roots = stems.map((text) => (text.length > 4 ? text.slice(0, -1) : text)).sort((a, b) => b.length - a.length);
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${roots.join('|')})[\\p{L}\\p{N}]*`, 'gu');
}

function occurrencesOf(text: string, code: string, needle: number): Occurrence[] {
  const found: Occurrence[] = [];
  for (let at = text.indexOf(code); at >= 0; at = text.indexOf(code, at + code.length)) {
    const end = at + code.length;
    if (isEdge(text, at - 1) && isEdge(text, end)) found.push({ needle, start: at, end });
  }
  return found;
}

function isEdge(text: string, at: number): boolean {
  return !/[\p{L}\p{N}]/u.test(text.charAt(at));
}
