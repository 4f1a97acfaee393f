import type { Deps } from '../../platform/deps.ts';
import { fetchAll } from '../../platform/query.ts';
import { type PageItem, pageItemId } from '../page.ts';
import type { PartItem } from '../parts.ts';
import type { IndexScope } from '../read.ts';
import { type Candidate, findCandidates, MAX_HITS } from './candidates.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { descendantsOf } from './descendants.ts';
import { excerptOf } from './excerpt.ts';
import { type Condition, type SearchFilters, visibleItems } from './filters.ts';
import { createFinder, type Finder } from './needles.ts';
import { readQuery, type SearchQuery } from './query.ts';
import { type Ranked, rerank } from './rerank.ts';
import { type HitSection, sectionAt } from './section.ts';
import { wordShares } from './word-shares.ts';
import { fold } from './words.ts';

export interface IndexSearch extends SearchFilters {
  /** 1 to 1,000 characters of plain words; a part in double quotes must occur as it stands. */
  readonly query: string;
  readonly limit: number;
  /** `nextCursor` of the answer before. */
  readonly cursor?: string | undefined;
}

export interface SearchHit {
  readonly pageId: string;
  readonly title: string;
  readonly url: string;
  readonly spaceKey: string;
  readonly excerpt: string;
  /** Where the words stand in `excerpt`: `[start, end)` in UTF-16 code units. */
  readonly highlights: readonly (readonly [number, number])[];
  /** Where on the page the excerpt stands. */
  readonly section?: HitSection;
  readonly labels: readonly string[];
  readonly lastModifiedAt: string;
  /** From 1 by the order of the answer. */
  readonly rank: number;
}

export interface SearchAnswer {
  readonly results: readonly SearchHit[];
  readonly nextCursor?: string;
}

/** What the database ranks best is ranked again by its texts; further down its order stays. */
const RERANKED = 50;

type PageRow = Pick<
  PageItem,
  'pageId' | 'title' | 'url' | 'spaceKey' | 'text' | 'excerpt' | 'labels' | 'sections' | 'lastModifiedAt'
> & {
  /** Where `text` begins in the page's whole text. */
  readonly textOffset: number;
};

/**
 * Searches the pages that a reader may see: those with all quoted phrases and at least one of the words. Cosmos DB finds
 * and ranks up to 200; the first 50 are ranked again by phrases, codes, titles and headings.
 *
 * @throws {ProblemError} 400 `invalid_arguments` for a cursor of another search, or too many pages under the ancestor
 */
export async function searchIndex(
  deps: Pick<Deps, 'pages' | 'now'>,
  scope: IndexScope,
  search: IndexSearch,
): Promise<SearchAnswer> {
  const { query: text, limit, cursor, ...filters } = search;
  const identity = [scope.tenantId, scope.cloudId, text, filters];
  const offset = readCursor(cursor, identity);
  const query = readQuery(text);
  const { ancestorId } = filters;
  const pageIds = ancestorId === undefined ? undefined : await descendantsOf(deps, scope, ancestorId);
  const visible = visibleItems(scope, filters, pageIds);
  const end = Math.min(offset + limit, MAX_HITS);
  const found = await findCandidates(deps, scope, query, await wordShares(deps, scope), visible);
  const candidates = query.phrases.length === 0 ? found : await withPhrases(deps, scope, query, visible, found);
  const shown = await rankedSlice(deps, scope, { query, visible, candidates }, offset, end);
  return {
    results: shown,
    ...(candidates.length > end && end < MAX_HITS ? { nextCursor: writeCursor(end, identity) } : {}),
  };
}

interface Found {
  readonly query: SearchQuery;
  readonly visible: Condition;
  readonly candidates: readonly Candidate[];
}

/** The hits from `start` up to `end`: the first ones in the order of {@link rerank}, the rest as the database ranked it. */
async function rankedSlice(
  deps: Pick<Deps, 'pages'>,
  scope: IndexScope,
  { query, visible, candidates }: Found,
  start: number,
  end: number,
): Promise<SearchHit[]> {
  const finder = createFinder(query);
  const ranked = async (from: number, to: number) =>
    from >= to ? [] : rerank(query, finder, await readRows(deps, scope, visible, candidates.slice(from, to)));
  const [top, rest] = await Promise.all([
    ranked(0, start < RERANKED ? RERANKED : 0),
    ranked(Math.max(start, RERANKED), end),
  ]);
  const inOrder = candidates.slice(Math.max(start, RERANKED), end);
  const below = inOrder.flatMap(({ pageId }) => rest.filter(({ page }) => page.pageId === pageId));
  return [...top.slice(start, end), ...below].map((row, index) => hit(row, finder, start + index + 1));
}

/** The candidates in which every phrase really stands: the database compares stems. */
async function withPhrases(
  deps: Pick<Deps, 'pages'>,
  scope: IndexScope,
  { phrases }: SearchQuery,
  visible: Condition,
  candidates: readonly Candidate[],
): Promise<Candidate[]> {
  const rows = await readRows(deps, scope, visible, candidates);
  const fitting = new Set(
    rows
      .filter(({ title, text }) => {
        const folded = `${fold(title)}\n${fold(text)}`.replace(/\s+/g, ' ');
        return phrases.every((phrase) => folded.includes(phrase));
      })
      .map(({ pageId }) => pageId),
  );
  return candidates.filter(({ pageId }) => fitting.has(pageId));
}

/** The candidates' pages in their order, each with the text of its best part when its body is large. */
async function readRows(
  deps: Pick<Deps, 'pages'>,
  { tenantId, cloudId }: IndexScope,
  visible: Condition,
  candidates: readonly Candidate[],
): Promise<PageRow[]> {
  if (candidates.length === 0) return [];
  const found = candidates.map(({ pageId }) => pageId);
  const partIds = candidates.flatMap(({ partId }) => (partId === undefined ? [] : [partId]));
  const items = await fetchAll<(PageItem | PartItem) & { textOffset?: number }>(deps.pages, tenantId, {
    select:
      'c.id, c.type, c.pageId, c.title, c.url, c.spaceKey, c.text, c.excerpt, c.labels, c.sections, c.lastModifiedAt, c.textOffset',
    where: `${visible.where} AND ARRAY_CONTAINS(@found, c.pageId) AND (c.type = "page" OR ARRAY_CONTAINS(@partIds, c.id))`,
    parameters: { ...visible.parameters, found, partIds },
    tail: 'ORDER BY c.pageId ASC',
  });
  const byId = new Map(items.map((item) => [item.id, item]));
  return candidates.flatMap(({ pageId, partId }) => {
    const head = byId.get(pageItemId(cloudId, pageId));
    // Gone since it was found: a tombstone has no title.
    if (head?.type !== 'page' || head.title === undefined) return [];
    const part = partId === undefined ? undefined : byId.get(partId);
    return [{ ...head, text: part?.text ?? head.text, textOffset: part?.textOffset ?? 0 }];
  });
}

function hit({ page, passage }: Ranked<PageRow>, finder: Finder, rank: number): SearchHit {
  const { pageId, title, url, spaceKey, labels, lastModifiedAt, sections, text } = page;
  const section = passage && sectionAt(sections, url, page.textOffset + passage.start);
  return {
    pageId,
    title,
    url,
    spaceKey,
    ...excerptOf(text, passage, page.excerpt, finder),
    ...(section ? { section } : {}),
    labels,
    lastModifiedAt,
    rank,
  };
}
