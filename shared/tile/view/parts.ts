import type { ApiProblem } from '../api.ts';
import { type Child, h, type Props, type VNode } from '../dom.ts';
import type { Notice } from '../state.ts';
import { absoluteTime, relativeTime } from '../time.ts';

/** Small pieces that all views are made of. */

export function button(
  label: string,
  onclick: () => void,
  {
    kind = 'plain',
    busy = false,
    ...props
  }: Props & { kind?: 'plain' | 'primary' | 'danger' | 'danger-solid' | 'quiet'; busy?: boolean } = {},
): VNode {
  return h(
    'button',
    // `aria-disabled` and not `disabled`: a button that is busy keeps the focus.
    {
      type: 'button',
      class: `button ${kind}`,
      'aria-disabled': busy ? 'true' : undefined,
      onclick: busy ? noop : onclick,
      ...props,
    },
    busy && h('span', { class: 'spinner', 'aria-hidden': 'true' }),
    label,
  );
}

function noop(): void {}

export function externalLink(href: string, text: string): VNode {
  return h(
    'a',
    { href: safeUrl(href), target: '_blank', rel: 'noopener noreferrer' },
    text,
    h('span', { class: 'hidden' }, ' (opens in a new tab)'),
  );
}

/** A link target that came from data: only the web, never `javascript:`. */
function safeUrl(href: string): string | undefined {
  return /^https?:\/\//i.test(href) ? href : undefined;
}

export function timeText(iso: string): VNode {
  return h('time', { datetime: iso, title: absoluteTime(iso) }, relativeTime(iso));
}

export function notice({ tone, title, text }: Notice, ...more: Child[]): VNode {
  return h(
    'div',
    // With a key of its own it comes and goes without disturbing its neighbours.
    { class: `notice ${tone}`, role: tone === 'bad' ? 'alert' : undefined, key: title },
    h('p', {}, h('strong', {}, title), ' ', text),
    more,
  );
}

/** A section whose content could not be loaded. */
export function loadFailure(what: string, problem: ApiProblem, retry: () => void): VNode {
  return notice(
    { tone: 'bad', title: `${what} could not be loaded.`, text: problem.detail },
    h('p', { class: 'actions' }, button('Try again', retry)),
  );
}

/** The shape of what is to come. */
export function skeleton(lines: number, label: string): VNode {
  return h(
    'div',
    { class: 'skeleton', key: 'skeleton' },
    h('span', { class: 'hidden' }, label),
    Array.from({ length: lines }, () => h('span', { class: 'bone', 'aria-hidden': 'true' })),
  );
}

export function section(id: string, title: string, ...content: Child[]): VNode {
  return h(
    'section',
    { key: id, class: `panel ${id}`, 'aria-labelledby': `${id}-title` },
    h('h4', { id: `${id}-title` }, title),
    content,
  );
}

const ICONS = {
  pages: 'M6 2h8l4 4v16H6zM13 3v4h4M9 12h6M9 15h6M9 18h4',
  check: 'M4 12.5l5 5L20 6.5',
  warning: 'M12 3l10 18H2zM12 10v5M12 18v.01',
} as const;

export function icon(name: keyof typeof ICONS): VNode {
  return h('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, h('path', { d: ICONS[name] }));
}
