import type { Api, ApiProblem } from './api.ts';
import type { Space } from './api-types.ts';
import { createQueue } from './in-order.ts';
import { type Context, failed } from './state.ts';

const MAX_SPACE_PAGES = 20;

/** What is in the index: which spaces, and what a search finds. */
export function createIndexActions(api: Api, context: Context) {
  const { state, set } = context;
  const inOrder = createQueue();

  async function loadSpaces(): Promise<void> {
    try {
      const value = await allSpaces(api);
      set({ spaces: { list: { state: 'ready', value } } });
    } catch (problem) {
      set({ spaces: { list: failed(problem) } });
    }
  }

  /** The switch moves at once, and the next click counts from there. After a failure it shows what is in force. */
  async function setExcluded(key: string, excluded: boolean): Promise<void> {
    const { list } = state().spaces;
    if (list.state !== 'ready') return;
    const value = list.value.map((space) => (space.key === key ? { ...space, excluded } : space));
    set({ spaces: { list: { state: 'ready', value } } });
    const keys = value.filter((space) => space.excluded).map((space) => space.key);
    try {
      const { isLatest } = await inOrder(() => api.excludeSpaces(keys));
      if (isLatest) await loadSpaces();
      set({ announcement: excluded ? `${key} is excluded.` : `${key} is included.` });
    } catch (problem) {
      await loadSpaces();
      set({ spaces: { ...state().spaces, problem: problem as ApiProblem } });
    }
  }

  /** Answers may overtake each other: only the one to the latest question is shown. */
  async function search(query: string): Promise<void> {
    if (query.trim() === '') return set({ search: { query: '', loadingMore: false } });
    set({ search: { query, hits: { state: 'loading' }, loadingMore: false } });
    const isLatest = () => state().search.query === query;
    try {
      const { results, nextCursor } = await api.search(query);
      if (!isLatest()) return;
      set({
        search: {
          query,
          hits: { state: 'ready', value: results },
          ...(nextCursor ? { nextCursor } : {}),
          loadingMore: false,
        },
        announcement: results.length === 0 ? 'No page matches.' : `${results.length} results.`,
      });
    } catch (problem) {
      if (isLatest()) set({ search: { query, hits: failed(problem), loadingMore: false } });
    }
  }

  async function moreResults(): Promise<void> {
    const { search: current } = state();
    const { query, hits, nextCursor } = current;
    if (hits?.state !== 'ready' || nextCursor === undefined) return;
    set({ search: { ...current, loadingMore: true } });
    try {
      const next = await api.search(query, nextCursor);
      if (state().search.query !== query) return;
      const value = [...hits.value, ...next.results];
      const more = next.nextCursor ? { nextCursor: next.nextCursor } : {};
      set({ search: { query, hits: { state: 'ready', value }, ...more, loadingMore: false } });
    } catch (problem) {
      if (state().search.query === query) set({ search: { query, hits: failed(problem), loadingMore: false } });
    }
  }

  return {
    loadSpaces: () => void loadSpaces(),
    setExcluded: (key: string, excluded: boolean) => void setExcluded(key, excluded),
    search: (query: string) => void search(query),
    moreResults: () => void moreResults(),
  };
}

async function allSpaces(api: Api): Promise<Space[]> {
  const all: Space[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_SPACE_PAGES; page++) {
    const { spaces, nextCursor } = await api.spaces(cursor);
    all.push(...spaces);
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  return all;
}
