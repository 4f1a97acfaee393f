/**
 * Words as search compares them in code. Cosmos DB's analyser and this stemmer need not agree: the database finds the
 * candidates, and here they are only compared with each other.
 */

/** Words that say nothing about a page; a question consists of them by half. */
const STOP_WORDS = new Set(
  (
    'a about am an and any are as at be been but by can cannot could did do does for from get got had has have he her ' +
    'him his how i if in into is it its just may me my no not of on or our please she should so some than that the ' +
    'their them then there they this to too us was we were what when where which who whom whose why will with would ' +
    'you your s t m re ve ll d don didn doesn isn wasn won'
  ).split(' '),
);

const WORD = /[\p{L}\p{N}]+/gu;
const ACCENTED = /[\u00c0-\u024f]/g;

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}

/** Lower case without accents; every character keeps its place, so that offsets hold for the original. */
export function fold(text: string): string {
  const plain = text.replace(ACCENTED, (letter) => letter.normalize('NFD').charAt(0));
  const lower = plain.toLowerCase();
  // A few letters (İ) grow when they are lowered.
  return lower.length === text.length ? lower : plain.replace(/\p{Lu}/gu, (letter) => lowerOfSameLength(letter));
}

function lowerOfSameLength(letter: string): string {
  const lower = letter.toLowerCase();
  return lower.length === letter.length ? lower : letter;
}

/** The folded words of a text in order: runs of letters and digits. */
export function wordsOf(text: string): string[] {
  return fold(text).match(WORD) ?? [];
}

/** The stem of a folded word, by which *printer*, *printers* or *fail*, *failed*, *failing* are the same. */
export function stem(word: string): string {
  if (word.length <= 3 || /[^a-z]/.test(word)) return word;
  const singular = word
    .replace(/ies$/, 'y')
    .replace(/(ss|sh|ch|x)es$/, '$1')
    .replace(/([^su])s$/, '$1');
  const base = /[aeiouy].*(?:ing|ed)$/.test(singular) ? singular.replace(/(?:ing|ed)$/, '') : singular;
  if (base.length < 3) return singular;
  const single = base === singular ? base : base.replace(/([bdfgmnprt])\1$/, '$1');
  return single.length > 3 ? single.replace(/e$/, '') : single;
}
