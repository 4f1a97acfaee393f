import type { Finder, Needle, Occurrence } from './needles.ts';
import { bestPassage, type Passage } from './passage.ts';
import type { SearchQuery } from './query.ts';
import { wordsOf } from './words.ts';

/** A page as far as ranking looks at it. */
export interface RankedPage {
  readonly title: string;
  readonly labels: readonly string[];
  readonly sections: readonly { readonly text: string }[];
  /** The page's text, or that of its part that fits best. */
  readonly text: string;
}

export interface Ranked<P> {
  readonly page: P;
  readonly score: number;
  /** Where the page answers; undefined when only its title fits. */
  readonly passage: Passage | undefined;
}

/** What each finding is worth. Variants were tried on half of the questions in `bench/search-questions.json`. */
const WORTH = {
  title: 1.6,
  /** How much of the title is about what was asked. */
  titleShare: 0.5,
  heading: 0.6,
  label: 0.3,
  text: 1,
  passage: 1.2,
  titlePhrase: 0.8,
  textPhrase: 0.4,
  /** The order that the database gave. */
  order: 0.5,
};
const KIND_WEIGHT: Readonly<Record<Needle['kind'], number>> = { word: 1, joined: 1, code: 2 };
const DIGITS_WEIGHT = 1.5;
/** A title's word that only begins like the last one typed. */
const BEGUN_SHARE = 0.6;

interface Findings<P> {
  readonly page: P;
  readonly title: readonly Occurrence[];
  readonly headings: readonly (readonly Occurrence[])[];
  readonly text: readonly Occurrence[];
}

/** Orders the best candidates anew by what their texts say; `pages` come in the order of the database. */
export function rerank<P extends RankedPage>(query: SearchQuery, finder: Finder, pages: readonly P[]): Ranked<P>[] {
  const findings = pages.map(
    (page): Findings<P> => ({
      page,
      title: finder.find(page.title),
      headings: page.sections.map(({ text }) => finder.find(text)),
      text: finder.find(page.text),
    }),
  );
  const weights = weightsOf(finder.needles, findings);
  return findings
    .map((found, order) => score(query, finder.needles, weights, found, order))
    .sort((a, b) => b.score - a.score);
}

/** Rare needles weigh more; rare among the candidates, which is where they tell pages apart. */
function weightsOf(needles: readonly Needle[], findings: readonly Findings<unknown>[]): number[] {
  return needles.map(({ kind, text }, needle) => {
    const among = findings.filter((found) =>
      [found.title, found.text].some((all) => all.some((o) => o.needle === needle)),
    );
    const rarity = Math.log(1 + (findings.length + 1) / (among.length + 0.5));
    return KIND_WEIGHT[kind] * (/\p{N}/u.test(text) ? DIGITS_WEIGHT : 1) * rarity;
  });
}

function score<P extends RankedPage>(
  query: SearchQuery,
  needles: readonly Needle[],
  weights: readonly number[],
  { page, title, headings, text }: Findings<P>,
  order: number,
): Ranked<P> {
  const whole = weights.reduce((sum, weight, index) => sum + (needles[index]?.kind === 'joined' ? 0 : weight), 0);
  const share = (weight: number) => Math.min(1, weight / whole);
  const covered = (occurrences: readonly Occurrence[]) => share(weightOf(occurrences, weights, () => 1));
  const passage = bestPassage(text, weights);
  const titleWords = wordsOf(page.title);
  const parts: Record<keyof typeof WORTH, number> = {
    title: Math.max(covered(title), share(begunWeight(query, titleWords, title, weights))),
    titleShare: titleWords.length === 0 ? 0 : Math.min(1, distinctWords(title, needles) / titleWords.length),
    heading: Math.max(0, ...headings.map(covered)),
    label: covered(labelOccurrences(page.labels, needles)),
    text: share(weightOf(text, weights, (count) => count / (count + 0.5))),
    passage: share(passage?.weight ?? 0),
    titlePhrase: isPhrase(title, needles, page.title) ? 1 : 0,
    textPhrase: isPhrase(text, needles, page.text) ? 1 : 0,
    order: 1 / (1 + order / 10),
  };
  const total = Object.entries(parts).reduce(
    (sum, [name, value]) => sum + value * WORTH[name as keyof typeof WORTH],
    0,
  );
  return { page, score: total, passage };
}

/** The weight of the needles that occur, each by how often it does. */
function weightOf(
  occurrences: readonly Occurrence[],
  weights: readonly number[],
  byCount: (count: number) => number,
): number {
  const counts = new Map<number, number>();
  for (const { needle } of occurrences) counts.set(needle, (counts.get(needle) ?? 0) + 1);
  return [...counts].reduce((sum, [needle, count]) => sum + (weights[needle] ?? 0) * byCount(count), 0);
}

/** The weight of a title in which a word begins like the last one typed. */
function begunWeight(
  { beginning }: SearchQuery,
  titleWords: readonly string[],
  title: readonly Occurrence[],
  weights: readonly number[],
): number {
  if (beginning === undefined || !titleWords.some((word) => word.startsWith(beginning))) return 0;
  const last = Math.max(...weights) * BEGUN_SHARE;
  return weightOf(title, weights, () => 1) + last;
}

function distinctWords(occurrences: readonly Occurrence[], needles: readonly Needle[]): number {
  return new Set(occurrences.filter(({ needle }) => needles[needle]?.kind !== 'code').map(({ start }) => start)).size;
}

function labelOccurrences(labels: readonly string[], needles: readonly Needle[]): Occurrence[] {
  return needles.flatMap(({ text }, needle) => (labels.includes(text) ? [{ needle, start: 0, end: 0 }] : []));
}

/** Whether all words stand next to each other in the order in which they were typed. */
function isPhrase(occurrences: readonly Occurrence[], needles: readonly Needle[], text: string): boolean {
  const wanted = needles.flatMap(({ kind }, needle) => (kind === 'word' ? [needle] : []));
  if (wanted.length < 2) return false;
  const words = occurrences.filter(({ needle }) => needles[needle]?.kind === 'word');
  return words.some((_, from) =>
    wanted.every((needle, step) => {
      const here = words[from + step];
      const before = words[from + step - 1];
      if (here?.needle !== needle) return false;
      return step === 0 || !before || !/[\p{L}\p{N}]/u.test(text.slice(before.end, here.start));
    }),
  );
}
