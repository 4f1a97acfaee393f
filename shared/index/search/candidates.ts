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

/** Small, so that the first ones of each list are ranked again by their texts: the best texts seldom have the best titles. */
const FUSION_CONSTANT = 3;