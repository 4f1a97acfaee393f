import type { Deps } from '../../platform/deps.ts';
import { fetchAll } from '../../platform/query.ts';
import type { IndexScope } from '../read.ts';
import type { Term } from './query.ts';
import { stem, wordsOf } from './words.ts';

/** How large a share of a site's pages has a word, by its stem, or a search key; empty where that does not matter. */
export interface WordShares {
  readonly inTexts: ReadonlyMap<string, number>;
  readonly inTitles: ReadonlyMap<string, number>;
  readonly ofKeys: ReadonlyMap<string, number>;
}

type SampleDeps = Pick<Deps, 'pages' | 'now'>;

/** A site with fewer pages is searched by all words. */
const SAMPLE_PAGES = 150;
/** What is looked at of a long page. */
const SAMPLE_CHARACTERS = 8_000;
/** A page is not looked for by a word that more of the pages have than this, if there is a rarer one. */
const COMMON_SHARE = 0.1;
/** By a word that more of the pages have than this, pages are not even ranked: it would cost much and change nothing. */
const EMPTY_SHARE = 0.35;
const KEPT_MS = 3_600_000;
const MAX_SITES = 200;

const kept = new Map<string, { readonly until: number; readonly shares: Promise<WordShares> }>();

/** The shares in a site, by a sample of the pages that changed last. Kept for an hour. */
export function wordShares(deps: SampleDeps, scope: IndexScope): Promise<WordShares> {
  const key = `${scope.tenantId} ${scope.cloudId}`;
  const now = deps.now().getTime();
  const known = kept.get(key);
  if (known && known.until > now) return known.shares;
  const shares = sample(deps, scope);
  shares.catch(() => kept.delete(key));
  kept.delete(key);
  kept.set(key, { until: now + KEPT_MS, shares });
  const oldest = kept.keys().next().value;
  if (kept.size > MAX_SITES && oldest !== undefined) kept.delete(oldest);
  return shares;
}

/** The words by which the database looks for pages: those that few pages have, at least the rarest. */
export function tellingWords(terms: readonly Term[], shares: ReadonlyMap<string, number>): string[] {
  return upTo(COMMON_SHARE, terms, shares);
}

/** The words by which it ranks them: more, because a common word still tells pages with the same rare ones apart. */
export function scoringWords(terms: readonly Term[], shares: ReadonlyMap<string, number>): string[] {
  return upTo(EMPTY_SHARE, terms, shares);
}

function upTo(share: number, terms: readonly Term[], shares: ReadonlyMap<string, number>): string[] {
  const shareOf = (term: Term) => shares.get(term.stem) ?? 0;
  // Two neighbours as one word hardly ever occur: that they are rare says nothing.
  const rarest = Math.min(...terms.filter(({ isJoined }) => !isJoined).map(shareOf));
  const limit = Math.max(share, 1.5 * rarest);
  return terms.filter((term) => shareOf(term) <= limit).flatMap(({ spellings }) => spellings);
}

/** The keys that few pages have; perhaps none. */
export function tellingKeys(keys: readonly string[], shares: ReadonlyMap<string, number>): string[] {
  return keys.filter((key) => (shares.get(key) ?? 0) <= COMMON_SHARE);
}

async function sample(deps: SampleDeps, { tenantId, cloudId }: IndexScope): Promise<WordShares> {
  const pages = await fetchAll<{ title: string; text: string; searchKeys: string }>(deps.pages, tenantId, {
    select: `TOP ${SAMPLE_PAGES} c.title, c.text, c.searchKeys`,
    where: 'c.type = "page" AND c.cloudId = @cloudId AND IS_DEFINED(c.text)',
    parameters: { cloudId },
    tail: 'ORDER BY c.lastModifiedAt DESC',
  });
  const known = pages.length < SAMPLE_PAGES ? [] : pages;
  return {
    inTexts: sharesIn(known.map(({ text }) => stemsOf(text.slice(0, SAMPLE_CHARACTERS)))),
    inTitles: sharesIn(known.map(({ title }) => stemsOf(title))),
    ofKeys: sharesIn(known.map(({ searchKeys = '' }) => searchKeys.split(' '))),
  };
}

function stemsOf(text: string): string[] {
  return wordsOf(text).map(stem);
}

function sharesIn(pages: readonly (readonly string[])[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const words of pages) {
    for (const word of new Set(words)) shares.set(word, (shares.get(word) ?? 0) + 1 / pages.length);
  }
  return shares;
}
