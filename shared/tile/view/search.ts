import type { SearchHit } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { SearchState, SpacesState, State } from '../state.ts';
import { button, externalLink, loadFailure, section, skeleton, timeText } from './parts.ts';

const MAX_QUERY = 1_000;

/** A search box over the index: what agents with *Search* find. */
export function searchView({ search, spaces }: State, actions: Actions): VNode {
  const submit = (event: Event) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).querySelector('input');
    actions.search(input?.value ?? '');
  };
  return section(
    'search',
    'Search the index',
    h(
      'form',
      { class: 'search-form', role: 'search', onsubmit: submit },
      h('input', {
        type: 'search',
        name: 'q',
        maxlength: String(MAX_QUERY),
        placeholder: 'Words from a page or its title',
        'aria-label': 'Search the index',
        autocomplete: 'off',
      }),
      button('Search', () => {}, { type: 'submit' }),
    ),
    results(search, spaces, actions),
  );
}

function results({ query, hits, nextCursor, loadingMore }: SearchState, spaces: SpacesState, actions: Actions): Child {
  if (!hits) return h('p', { class: 'muted' }, 'Shows what agents find: title, excerpt and where it is.');
  switch (hits.state) {
    case 'loading':
      return skeleton(3, 'Searching');
    case 'failed':
      return loadFailure('Results', hits.problem, () => actions.search(query));
    case 'ready':
      if (hits.value.length === 0)
        return h('p', { class: 'empty' }, `No page matches “${query}”. Try fewer or other words.`);
      return [
        h(
          'ol',
          { class: 'hits' },
          hits.value.map((hit) => hitItem(hit, spaces)),
        ),
        nextCursor !== undefined &&
          h('p', { class: 'actions' }, button('More results', actions.moreResults, { busy: loadingMore })),
      ];
  }
}

function hitItem(
  { pageId, title, excerpt, url, spaceKey, labels = [], lastModifiedAt }: SearchHit,
  { list }: SpacesState,
): VNode {
  const space = list.state === 'ready' ? list.value.find(({ key }) => key === spaceKey) : undefined;
  return h(
    'li',
    { key: pageId },
    h('p', { class: 'hit-title' }, externalLink(url, title)),
    h('p', {}, excerpt),
    h(
      'p',
      { class: 'muted hit-facts' },
      h('span', {}, space?.name ?? spaceKey),
      lastModifiedAt && h('span', {}, 'changed ', timeText(lastModifiedAt)),
      labels.map((label) => h('span', { class: 'tag' }, label)),
    ),
  );
}
