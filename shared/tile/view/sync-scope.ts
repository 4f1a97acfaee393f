import { h, type VNode } from '../dom.ts';
import { section } from './parts.ts';

const SYNCED = [
  ['Pages', 'in global, knowledge base and collaboration spaces: title, text, author, last change, labels'],
  ['Attachments', 'name, type, size and link; their content is not read'],
] as const;

const SKIPPED = [
  ['Personal spaces', 'they belong to a person, not to the organisation'],
  ['Drafts, archived and trashed pages', 'and archived spaces'],
  ['Comments and blog posts', 'not indexed; agents can read blog posts directly'],
] as const;

/** What gets synced, and what does not. */
export function syncScope(): VNode {
  return section('scope', 'What gets synced', list('yes', 'Synced', SYNCED), list('no', 'Skipped', SKIPPED));
}

function list(mark: 'yes' | 'no', word: string, items: readonly (readonly [string, string])[]): VNode {
  return h(
    'ul',
    { class: `scope-list ${mark}` },
    items.map(([what, which]) =>
      h('li', {}, h('span', { class: 'tag' }, word), h('span', {}, h('strong', {}, what), ` – ${which}`)),
    ),
  );
}
