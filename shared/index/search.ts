import type { Deps } from '../platform/deps.ts';
import { fetchAll } from '../platform/query.ts';
import type { PageItem } from './page.ts';
import type { IndexScope } from './read.ts';

export interface IndexQuery {
  /** 1 to 1,000 characters of plain words; a part in double quotes must occur as it stands. */
  readonly query: string;
  readonly limit: number;
  readonly offset: number;
  readonly spaceKey?: string | undefined;
  readonly label?: string | undefined;
  readonly authorId?: string | undefined;
  readonly modifiedSince?: string | undefined;
}

export interface SearchHit {
  readonly pageId: string;
  readonly title: string;
  readonly url: string;
  readonly spaceKey: string;
  readonly excerpt: string;
  readonly labels: readonly string[];
  readonly lastModifiedAt: string;
  /** From 1 by the order of the answer. */
  readonly rank: number;
}

export interface SearchAnswer {
  readonly results: readonly SearchHit[];
  readonly nextOffset?: number;
}

/** The deepest hit that paging reaches. */
export const MAX_HITS = 200;

const MAX_TERMS = 12;
const EXCERPT_CHARACTERS = 240;

type Row = Pick<PageItem, 'pageId' | 'title' | 'url' | 'spaceKey' | 'text' | 'excerpt' | 'labels' | 'lastModifiedAt'>;

/**
 * Searches the pages that a reader may see: all quoted phrases, and at least one of the words. Ranked by how many of
 * the words occur, those in the title counting most.
 */
export async function searchIndex(
  deps: Pick<Deps, 'pages'>,
  scope: IndexScope,
  search: IndexQuery,
): Promise<SearchAnswer> {
  const { phrases, words } = termsOf(search.query);
  const terms = [...phrases, ...words].slice(0, MAX_TERMS);
  if (terms.length === 0) return { results: [] };
  const rows = await fetchAll<Row>(deps.pages, scope.tenantId, {
    select: `c.pageId, c.title, c.url, c.spaceKey, c.text, c.excerpt, c.labels, c.lastModifiedAt`,
    where: conditions(search, phrases.length, terms.length),
    parameters: parameters(scope, search, terms),
    tail: 'OFFSET 0 LIMIT @max',
  });
  const ranked = rows
    .map((row) => ({ row, score: score(row, terms) }))
    .sort((a, b) => b.score - a.score || b.row.lastModifiedAt.localeCompare(a.row.lastModifiedAt));
  const end = Math.min(search.offset + search.limit, MAX_HITS);
  const results = ranked.slice(search.offset, end).map(({ row }, index) => hit(row, terms, search.offset + index + 1));
  return { results, ...(ranked.length > end && end < MAX_HITS ? { nextOffset: end } : {}) };
}

function conditions(search: IndexQuery, phraseCount: number, termCount: number): string {
  const contains = (index: number) => `(CONTAINS(c.title, @t${index}, true) OR CONTAINS(c.text, @t${index}, true))`;
  const all = Array.from({ length: termCount }, (_, index) => contains(index));
  const words = all.slice(phraseCount);
  return [
    'c.type = "page" AND c.cloudId = @cloudId AND NOT IS_DEFINED(c.deletedAt)',
    'NOT ARRAY_CONTAINS(@excludedKeys, c.spaceKey)',
    ...all.slice(0, phraseCount),
    ...(words.length > 0 ? [`(${words.join(' OR ')})`] : []),
    ...(search.spaceKey === undefined ? [] : ['c.spaceKey = @spaceKey']),
    ...(search.label === undefined ? [] : ['ARRAY_CONTAINS(c.labels, @label)']),
    ...(search.authorId === undefined ? [] : ['c.authorId = @authorId']),
    ...(search.modifiedSince === undefined ? [] : ['c.lastModifiedAt >= @modifiedSince']),
  ].join(' AND ');
}

function parameters(scope: IndexScope, search: IndexQuery, terms: readonly string[]): Record<string, unknown> {
  const { spaceKey, label, authorId, modifiedSince } = search;
  const given = { spaceKey, label, authorId, modifiedSince };
  return {
    cloudId: scope.cloudId,
    excludedKeys: scope.excludedKeys,
    max: 500,
    ...Object.fromEntries(terms.map((term, index) => [`t${index}`, term])),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

/** Quoted phrases and single words, lower-cased, each once. */
export function termsOf(query: string): { phrases: string[]; words: string[] } {
  const phrases = [...query.matchAll(/"([^"]+)"/g)].map(([, phrase]) => (phrase ?? '').trim().toLowerCase());
  const rest = query.replace(/"[^"]*"/g, ' ').replaceAll('"', ' ');
  const words = rest
    .toLowerCase()
    .split(/[\s,;!?()]+/)
    .map((word) => word.replace(/^[.:]+|[.:]+$/g, ''));
  return { phrases: unique(phrases), words: unique(words) };
}

function score(row: Row, terms: readonly string[]): number {
  const title = row.title.toLowerCase();
  const text = row.text.toLowerCase();
  return terms.reduce((sum, term) => sum + (title.includes(term) ? 3 : 0) + (text.includes(term) ? 1 : 0), 0);
}

function hit(row: Row, terms: readonly string[], rank: number): SearchHit {
  const { pageId, title, url, spaceKey, labels, lastModifiedAt } = row;
  return { pageId, title, url, spaceKey, excerpt: excerptAround(row, terms), labels, lastModifiedAt, rank };
}

/** The text around the first hit, cut at words. */
function excerptAround({ text, excerpt }: Row, terms: readonly string[]): string {
  const lower = text.toLowerCase();
  const places = terms.map((term) => lower.indexOf(term)).filter((place) => place >= 0);
  if (places.length === 0) return excerpt;
  const start = Math.max(0, Math.min(...places) - EXCERPT_CHARACTERS / 3);
  const piece = text.slice(start, start + EXCERPT_CHARACTERS).replace(/\s+/g, ' ');
  const from = start === 0 ? piece : `… ${piece.slice(piece.indexOf(' ') + 1)}`;
  return start + EXCERPT_CHARACTERS >= text.length ? from : `${from.slice(0, from.lastIndexOf(' '))} …`;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values.filter((value) => value !== ''))];
}
