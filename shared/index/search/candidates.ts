import type { SqlParameter } from '@azure/cosmos';
import type { Deps } from '../../platform/deps.ts';
import { fetchAll } from '../../platform/query.ts';
import type { IndexScope } from '../read.ts';
import type { Condition } from './filters.ts';
import type { SearchQuery } from './query.ts';
import { titlePrefixKey, wordKey } from './search-keys.ts';
import { scoringWords, tellingKeys, tellingWords, type WordShares } from './word-shares.ts';

/** A page that fits, by what the database found of it. */
export interface Candidate {
  readonly pageId: string;
  /** The part of a large body that fits best, if one does. */
  readonly partId?: string;
}

/** The deepest hit that paging reaches. */
export const MAX_HITS = 200;

/** One ranked query: which items are looked for in a member, and by which words they are ranked. */
interface Ranking {
  readonly path: 'c.title' | 'c.text' | 'c.searchKeys';
  readonly weight: number;
  readonly wanted: readonly string[];
  readonly scored: readonly string[];
}

interface RankedRow {
  readonly id: string;
  readonly pageId: string;
  /** Of a part: which version of its page it belongs to. */
  readonly key?: string;
}

/** Small: the first of each list are then ranked again by their texts. The best text seldom has the best title. */
const FUSION_CONSTANT = 3;

/**
 * The pages that contain at least one of the telling words, and all of the phrases, best first: at most
 * {@link MAX_HITS}. Cosmos DB ranks pages and parts by title, by text and by search keys; the ranks are fused here. (Its
 * SDK would fuse them itself for `RRF(…)`, but gives equal scores one rank and numbers these without gaps. With few
 * words in titles, most titles score equal, and a hit there would weigh next to nothing.)
 */
export async function findCandidates(
  deps: Pick<Deps, 'pages'>,
  scope: IndexScope,
  query: SearchQuery,
  shares: WordShares,
  visible: Condition,
): Promise<Candidate[]> {
  if (query.terms.length === 0) return [];
  const rankings = rankingsOf(query, shares).filter(({ wanted }) => wanted.length > 0);
  const lists = await Promise.all(
    rankings.map((ranking) => rankedRows(deps, scope.tenantId, ranking, query.phrases, visible)),
  );
  const isLive = await livePartCheck(deps, scope, lists.flat(), visible);
  const live = lists.map((rows) => rows.filter((row) => row.key === undefined || isLive(row)));
  const partIds = new Map(
    live
      .flatMap((rows) => rows.filter(({ key }) => key !== undefined).map(({ pageId, id }) => [pageId, id] as const))
      .reverse(),
  );
  return fuse(
    live.map((rows) => rows.map(({ pageId }) => pageId)),
    rankings.map(({ weight }) => weight),
  )
    .slice(0, MAX_HITS)
    .map((pageId) => {
      const partId = partIds.get(pageId);
      return { pageId, ...(partId === undefined ? {} : { partId }) };
    });
}

/** Titles weigh more than text; a code or a name that is there whole, or a title's word begun, more than text, too. */
function rankingsOf(query: SearchQuery, shares: WordShares): Ranking[] {
  const { terms } = query;
  const titleWords = tellingWords(terms, shares.inTitles);
  const textWords = tellingWords(terms, shares.inTexts);
  const keys = tellingKeys(keysOf(query, textWords), shares.ofKeys);
  return [
    { path: 'c.title', weight: 2, wanted: titleWords, scored: scoringWords(terms, shares.inTitles) },
    { path: 'c.text', weight: 1, wanted: textWords, scored: scoringWords(terms, shares.inTexts) },
    { path: 'c.searchKeys', weight: 1.5, wanted: keys, scored: keys },
  ];
}

function keysOf({ codes, aliases, beginning }: SearchQuery, words: readonly string[]): string[] {
  const prefix = beginning === undefined ? undefined : titlePrefixKey(beginning);
  const whole = new Set([...codes, ...aliases, ...words]);
  return [...(prefix === undefined ? [] : [prefix]), ...[...whole].map(wordKey)];
}

/** Page ids by the sum of their ranks' weights; a page counts in a list where it stands first. */
function fuse(lists: readonly (readonly string[])[], weights: readonly number[]): string[] {
  const scores = new Map<string, number>();
  lists.forEach((list, index) => {
    [...new Set(list)].forEach((pageId, rank) => {
      const score = (weights[index] ?? 1) / (FUSION_CONSTANT + rank + 1);
      scores.set(pageId, (scores.get(pageId) ?? 0) + score);
    });
  });
  return [...scores].sort(([, a], [, b]) => b - a).map(([pageId]) => pageId);
}

/**
 * The SDK sends a query with ORDER BY RANK to every partition, whatever `partitionKey` says, so the tenant stands in its
 * condition only. It reads the rows in pages of ten unless told otherwise, and ranks again for each.
 */
async function rankedRows(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  { path, wanted, scored }: Ranking,
  phrases: readonly string[],
  visible: Condition,
): Promise<RankedRow[]> {
  // Words are letters and digits only, so they can stand in the text; functions of ranking take literals.
  const list = (words: readonly string[]) => words.map((word) => `"${word}"`).join(', ');
  const where = [
    'c.tenantId = @tenantId',
    visible.where,
    `FullTextContainsAny(${path}, ${list(wanted)})`,
    ...phrases.map(
      (_, index) => `(FullTextContains(c.title, @phrase${index}) OR FullTextContains(c.text, @phrase${index}))`,
    ),
  ].join(' AND ');
  const parameters = {
    tenantId,
    ...visible.parameters,
    ...Object.fromEntries(phrases.map((phrase, index) => [`phrase${index}`, phrase])),
  };
  const text =
    `SELECT TOP ${MAX_HITS} c.id, c.pageId, c.key FROM c WHERE ${where} ` +
    `ORDER BY RANK FullTextScore(${path}, ${list(scored)})`;
  try {
    const { resources } = await deps.pages.items
      .query<RankedRow>({ query: text, parameters: toSql(parameters) }, { maxItemCount: MAX_HITS })
      .fetchAll();
    return resources;
  } catch (error) {
    // A container without a single item has no statistics to rank by; the SDK throws.
    if (error instanceof Error && error.message.includes('GlobalStats validation failed')) return [];
    throw error;
  }
}

/** A part counts only while its page names its key, and only if the page itself may be seen. */
async function livePartCheck(
  deps: Pick<Deps, 'pages'>,
  { tenantId }: IndexScope,
  rows: readonly RankedRow[],
  visible: Condition,
): Promise<(row: RankedRow) => boolean> {
  const found = new Set(rows.filter(({ key }) => key !== undefined).map(({ pageId }) => pageId));
  if (found.size === 0) return () => false;
  const heads = await fetchAll<RankedRow>(deps.pages, tenantId, {
    select: 'c.pageId, c.parts.key',
    where: `${visible.where} AND c.type = "page" AND ARRAY_CONTAINS(@found, c.pageId)`,
    parameters: { ...visible.parameters, found: [...found] },
    tail: 'ORDER BY c.pageId ASC',
  });
  const keys = new Map(heads.map(({ pageId, key }) => [pageId, key]));
  return ({ pageId, key }) => key !== undefined && keys.get(pageId) === key;
}

function toSql(parameters: Readonly<Record<string, unknown>>): SqlParameter[] {
  return Object.entries(parameters).map(([name, value]) => ({ name: `@${name}`, value }) as SqlParameter);
}
