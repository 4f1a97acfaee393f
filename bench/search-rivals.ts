import { createRequire } from 'node:module';
import { searchIndex } from '../shared/index/search/search.ts';
import { wordsToCql } from '../shared/tool/cql.ts';
import { type Corpus, type KnownPage, SPACE_KEYS } from './search-corpus.ts';

/** A way to search the knowledge base: page ids, best first, at most ten. */
export type Search = (question: string) => Promise<string[]>;

export function ourSearch({ pages, scope }: Corpus): Search {
  return async (query) => {
    const { results } = await searchIndex({ pages, now: () => new Date() }, scope, { query, limit: 10 });
    return results.map(({ pageId }) => pageId);
  };
}

/** Confluence's own matching, as the simulator answers it: every word must be in the title or every word in the text. */
export function cqlSearch({ confluence }: Corpus): Search {
  return async (question) => {
    const cql = `${wordsToCql(question)} AND type = page AND space in (${SPACE_KEYS.map((key) => `"${key}"`).join(', ')})`;
    const answer = (await confluence(`/wiki/rest/api/search?limit=10&cql=${encodeURIComponent(cql)}`)) as {
      results: { content?: { id: string } }[];
    };
    return answer.results.flatMap(({ content }) => (content ? [content.id] : []));
  };
}

interface MiniSearch {
  addAll(documents: readonly object[]): void;
  search(query: string, options: object): { id: string }[];
}

/** MiniSearch in memory with what its manual recommends: any word, titles doubled, beginnings and one typo in five letters. */
export function miniSearch(pages: readonly KnownPage[]): Search {
  const require = createRequire(import.meta.url);
  let Constructor: new (options: object) => MiniSearch;
  try {
    Constructor = require('minisearch') as typeof Constructor;
  } catch {
    throw new Error('MiniSearch is not installed: npm ci --prefix bench');
  }
  const index = new Constructor({ fields: ['title', 'text'], storeFields: [] });
  index.addAll(pages.map(({ pageId, title, text }) => ({ id: pageId, title, text })));
  const options = { boost: { title: 2 }, prefix: true, fuzzy: 0.2 };
  return async (question) =>
    index
      .search(question, options)
      .slice(0, 10)
      .map(({ id }) => id);
}
