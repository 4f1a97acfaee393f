import { isCode, tokensOf } from './search-keys.ts';
import { fold, isStopWord, stem, wordsOf } from './words.ts';

/** A word of a search. */
export interface Term {
  /** Folded; letters and digits only. */
  readonly word: string;
  /** For the database, whose analyser may tell accents apart: folded, and as it was typed. */
  readonly spellings: readonly string[];
  readonly stem: string;
  /** Two neighbours written as one (*bit locker*): welcome when it occurs, not missed when it does not. */
  readonly isJoined: boolean;
}

export interface SearchQuery {
  /** What stood in double quotes, folded, in one piece of white space: must occur as it stands. */
  readonly phrases: readonly string[];
  /** At most {@link MAX_TERMS}. */
  readonly terms: readonly Term[];
  /** Error codes, paths, file and host names among the words, folded, as they were typed. */
  readonly codes: readonly string[];
  /** Further names of what they may stand for. */
  readonly aliases: readonly string[];
  /** The last word when it may still be typed: titles are also found by their words' beginnings. */
  readonly beginning: string | undefined;
}

/** A pasted ticket is cut to its most telling words: each word makes the query dearer. */
const MAX_TERMS = 16;
/** Longer questions are sentences, whose neighbours are not one word written as two. */
const MAX_JOINED_WORDS = 6;

/** Reads what somebody typed. Nothing in it is syntax but double quotes. */
export function readQuery(given: string): SearchQuery {
  const text = given.normalize('NFC');
  const phrases = [...text.matchAll(/"([^"]+)"/g)].map(([, phrase]) =>
    fold(phrase ?? '')
      .trim()
      .replace(/\s+/g, ' '),
  );
  const tokens = tokensOf(text);
  const typed = new Map((text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [fold(word), word]));
  const words = tellingWords(tokens.flatMap(wordsOf));
  const joined = words.length <= MAX_JOINED_WORDS ? joinedNeighbours(tokens) : [];
  const last = words.at(-1);
  const beginning = last !== undefined && fold(text).endsWith(last) ? last : undefined;
  return {
    phrases: phrases.filter((phrase) => wordsOf(phrase).length > 0),
    terms: [
      ...mostTelling(words).map((word) => term(word, false, typed.get(word))),
      ...joined.map((word) => term(word, true)),
    ],
    codes: unique(tokens.filter(isCode)).slice(0, MAX_TERMS),
    aliases: unique(tokens.flatMap(otherNames)).slice(0, MAX_TERMS),
    beginning,
  };
}

/** Without stop words and single letters, unless there is nothing else; each stem once. */
function tellingWords(words: readonly string[]): string[] {
  const telling = words.filter((word) => word.length > 1 && !isStopWord(word));
  const kept = telling.length > 0 ? telling : words;
  return [...new Map(kept.map((word) => [stem(word), word])).values()];
}

/** The ones with digits and the longest ones, in their order. */
function mostTelling(words: readonly string[]): string[] {
  if (words.length <= MAX_TERMS) return [...words];
  const worth = (word: string) => word.length + (/\p{N}/u.test(word) ? 100 : 0);
  const kept = new Set([...words].sort((a, b) => worth(b) - worth(a)).slice(0, MAX_TERMS));
  return words.filter((word) => kept.has(word));
}

function joinedNeighbours(tokens: readonly string[]): string[] {
  return tokens.slice(1).flatMap((token, index) => {
    const pair = [tokens[index] ?? '', token];
    const isWords = pair.every((word) => /^[\p{L}\p{N}]+$/u.test(word) && !isStopWord(word));
    return isWords ? [pair.join('')] : [];
  });
}

/** Codes are also typed without what stands before them: `80070005`, `5034441`. */
function otherNames(token: string): string[] {
  if (/^[\da-f]{8}$/.test(token)) return [`0x${token}`];
  return /^\d{7}$/.test(token) ? [`kb${token}`] : [];
}

function term(word: string, isJoined: boolean, typed = word): Term {
  return { word, stem: stem(word), spellings: unique([word, typed]), isJoined };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
