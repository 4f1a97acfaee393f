import type { SqlParameter } from '@azure/cosmos';
import type { Deps } from '../../platform/deps.ts';
import { fetchAll } from '../../platform/query.ts';
import { pageItemId } from '../page.ts';
import type { IndexScope } from '../read.ts';
import type { Condition } from './filters.ts';
import type { SearchQuery } from './query.ts';

/** A page that fits, by what the database found of it. */
export interface Candidate {
  readonly pageId: string;
  /** The part of a large body that fits best, if one does. */
  readonly partId?: string;
}

/** The deepest hit that paging reaches. */
export const MAX_HITS = 200;

/** Titles weigh more than text; a code or a name that is there whole, or a title's word begun, more than text, too. */
const WEIGHTS = '[2, 1, 1.5]';

interface RankedRow {
  readonly id: string;
  readonly pageId: string;
  /** Of a part: which version of its page it belongs to. */
  readonly key?: string;
}

/**
 * The pages that contain at least one of the words, and all of the phrases, best first: at most {@link MAX_HITS}. One
 * ranked query over pages and parts, in which Cosmos DB fuses the ranks by title, text and search keys.
 */
export async function findCandidates(
  deps: Pick<Deps, 'pages'>,
  scope: IndexScope,
  query: SearchQuery,
  visible: Condition,
): Promise<Candidate[]> {
  if (query.terms.length === 0) return [];
  const rows = await rankedRows(deps, scope.tenantId, query, visible);
  const isLive = await livePartCheck(deps, scope, rows, visible);
  const candidates = new Map<string, Candidate>();
  for (const row of rows) {
    if (row.key !== undefined && !isLive(row)) continue;
    const known = candidates.get(row.pageId);
    const partId = known?.partId ?? (row.key === undefined ? undefined : row.id);
    candidates.set(row.pageId, { pageId: row.pageId, ...(partId === undefined ? {} : { partId }) });
  }
  return [...candidates.values()];
}

/**
 * The SDK sends a query with ORDER BY RANK to every partition, whatever `partitionKey` says, so the tenant stands in its
 * condition only. It reads each score's rows in pages of ten unless told otherwise, and ranks again for each.
 */
async function rankedRows(
  deps: Pick<Deps, 'pages'>,
  tenantId: string,
  { terms, keys, phrases }: SearchQuery,
  visible: Condition,
): Promise<RankedRow[]> {
  // Words are letters and digits only, so they can stand in the text; functions of ranking take literals.
  const words = terms.map(({ word }) => `"${word}"`).join(', ');
  const made = keys.map((key) => `"${key}"`).join(', ');
  const conditions = [
    'c.tenantId = @tenantId',
    visible.where,
    `(FullTextContainsAny(c.title, ${words}) OR FullTextContainsAny(c.text, ${words}) OR FullTextContainsAny(c.searchKeys, ${made}))`,
    ...phrases.map(
      (_, index) => `(FullTextContains(c.title, @phrase${index}) OR FullTextContains(c.text, @phrase${index}))`,
    ),
  ];
  const parameters = {
    tenantId,
    ...visible.parameters,
    ...Object.fromEntries(phrases.map((phrase, index) => [`phrase${index}`, phrase])),
  };
  const text =
    `SELECT TOP ${MAX_HITS} c.id, c.pageId, c.key FROM c WHERE ${conditions.join(' AND ')} ORDER BY RANK ` +
    `RRF(FullTextScore(c.title, ${words}), FullTextScore(c.text, ${words}), FullTextScore(c.searchKeys, ${made}), ${WEIGHTS})`;
  try {
    const { resources } = await deps.pages.items
      .query<RankedRow>({ query: text, parameters: toSql(parameters) }, { maxItemCount: 2 * MAX_HITS })
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
  { tenantId, cloudId }: IndexScope,
  rows: readonly RankedRow[],
  visible: Condition,
): Promise<(row: RankedRow) => boolean> {
  const ids = new Set(rows.filter(({ key }) => key !== undefined).map(({ pageId }) => pageItemId(cloudId, pageId)));
  if (ids.size === 0) return () => false;
  const heads = await fetchAll<RankedRow>(deps.pages, tenantId, {
    select: 'c.pageId, c.parts.key',
    where: `${visible.where} AND c.type = "page" AND ARRAY_CONTAINS(@ids, c.id)`,
    parameters: { ...visible.parameters, ids: [...ids] },
  });
  const keys = new Map(heads.map(({ pageId, key }) => [pageId, key]));
  return ({ pageId, key }) => key !== undefined && keys.get(pageId) === key;
}

function toSql(parameters: Readonly<Record<string, unknown>>): SqlParameter[] {
  return Object.entries(parameters).map(([name, value]) => ({ name: `@${name}`, value }) as SqlParameter);
}
