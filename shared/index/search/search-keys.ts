import { hash } from 'node:crypto';
import { fold, wordsOf } from './words.ts';

/**
 * How error codes, paths, host names and `snake_case` are cut into words differs between full-text analysers, and Cosmos
 * DB documents its own only in outline. So a page also carries its *search keys*: each of these, and the beginnings of
 * the words of its title, as one made-up word of consonants, which every analyser keeps whole and no stemmer changes.
 */

const LETTERS = 'bcdfghjkmnpqrtvw';
const KEY_LENGTH = 12;
const MAX_KEYS = 800;
const MAX_TOKEN_LENGTH = 100;
const MIN_PREFIX = 2;
const MAX_PREFIX = 10;

const SEPARATORS = /[\s"'`<>()[\]{}|,;=“”‘’„…]+/;
const OUTER_PUNCTUATION = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;
const INNER_PUNCTUATION = /[^\p{L}\p{N}]/u;
const NOT_WORD = /[^\p{L}\p{N}]+/u;

/** The search keys of a piece of a page, separated by spaces, as the member `searchKeys` holds them. */
export function searchKeysOf(title: string, text: string): string {
  const keys = new Set<string>();
  for (const prefix of titlePrefixes(title)) keys.add(prefixKey(prefix));
  for (const token of tokensOf(`${title}\n${text}`.normalize('NFC'))) {
    if (keys.size >= MAX_KEYS) break;
    if (!isCode(token)) continue;
    for (const form of [token, ...piecesOf(token)]) keys.add(wordKey(form));
  }
  return [...keys].join(' ');
}

/** Pieces of text between white space, quotes and brackets, folded, without punctuation around them. */
export function tokensOf(text: string): string[] {
  return fold(text)
    .split(SEPARATORS)
    .map((token) => token.replace(OUTER_PUNCTUATION, ''))
    .filter((token) => token !== '' && token.length <= MAX_TOKEN_LENGTH);
}

/** Whether a token is a name rather than a word: `0x80070005`, `kb5034441`, `outlook.exe`, `pg_wal`, `016-757`, `35250`. */
export function isCode(token: string): boolean {
  return INNER_PUNCTUATION.test(token) || (/\p{N}/u.test(token) && (/\p{L}/u.test(token) || token.length > 3));
}

/** The key of a folded word or code. Hyphens and underscores do not count: *e-mail* is *email*, `016-757` is `016757`. */
export function wordKey(token: string): string {
  return key(`=${token.replace(/[-_‐‑]/g, '')}`);
}

/** The key of the beginning of a word in a title; `undefined` when it is too short to tell anything. */
export function titlePrefixKey(beginning: string): string | undefined {
  return beginning.length < MIN_PREFIX ? undefined : prefixKey(beginning.slice(0, MAX_PREFIX));
}

const prefixKey = (prefix: string) => key(`^${prefix}`);

function titlePrefixes(title: string): string[] {
  return wordsOf(title.normalize('NFC')).flatMap((word) =>
    Array.from({ length: Math.min(word.length, MAX_PREFIX) - MIN_PREFIX + 1 }, (_, index) =>
      word.slice(0, MIN_PREFIX + index),
    ),
  );
}

/**
 * What people also search for of a code: `fs01` of a host name, the file's name of a path. Analysers agree on cutting at
 * hyphens and slashes, so words between those are left to them.
 */
function piecesOf(code: string): string[] {
  const segments = code.split(/[\\/@]+/).map((segment) => segment.replace(OUTER_PUNCTUATION, ''));
  const words = segments.filter((segment) => /[._:']/.test(segment)).flatMap((segment) => segment.split(NOT_WORD));
  return [...segments.filter(isCode), ...words].filter((piece) => piece.length > 2);
}

function key(text: string): string {
  let word = '';
  for (const digit of hash('sha256', text, 'hex').slice(0, KEY_LENGTH)) word += LETTERS[Number.parseInt(digit, 16)];
  return word;
}
