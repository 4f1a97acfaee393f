import type { Space } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { SpacesState } from '../state.ts';
import { count, spaceTypeWords } from '../words.ts';
import { loadFailure, notice, section, skeleton } from './parts.ts';

/** Which spaces are in the index, each with a switch to leave it out. */
export function spacesView({ list, problem }: SpacesState, actions: Actions): VNode {
  return section(
    'spaces',
    'Spaces',
    h('p', { class: 'muted' }, 'A space that you switch off disappears from search and from every agent at once.'),
    problem && notice({ tone: 'bad', title: 'Not saved.', text: problem.detail }),
    content(list, actions),
  );
}

function content(list: SpacesState['list'], actions: Actions): Child {
  switch (list.state) {
    case 'loading':
      return skeleton(4, 'Loading spaces');
    case 'failed':
      return loadFailure('Spaces', list.problem, actions.loadSpaces);
    case 'ready':
      if (list.value.length === 0) return h('p', { class: 'muted' }, 'No spaces yet: they appear with the first sync.');
      return h(
        'ul',
        { class: 'switches' },
        list.value.map((space) => spaceItem(space, actions)),
      );
  }
}

function spaceItem({ key, name, type, pages, excluded }: Space, actions: Actions): VNode {
  return h(
    'li',
    { key },
    h(
      'label',
      { class: 'switch' },
      h(
        'span',
        { class: 'switch-text' },
        h('span', {}, name),
        h(
          'span',
          { class: 'muted' },
          `${spaceTypeWords(type)} ${key}, ${excluded ? 'excluded' : count(pages, 'page')}`,
        ),
      ),
      h('input', {
        type: 'checkbox',
        role: 'switch',
        checked: !excluded,
        onchange: (event: Event) => actions.setExcluded(key, !(event.currentTarget as HTMLInputElement).checked),
      }),
    ),
  );
}
