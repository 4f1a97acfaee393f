import type { Site } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { h, type VNode } from '../dom.ts';
import type { State } from '../state.ts';
import { button } from './parts.ts';

export interface SitePickerText {
  readonly title: string;
  readonly lead: string;
}

/** One site out of those that the consent covers. */
export function sitePicker(
  state: State,
  actions: Actions,
  sites: readonly Site[],
  { title, lead }: SitePickerText,
  present?: Site,
  ...more: VNode[]
): VNode {
  const picked = state.pickedSite ?? present?.cloudId;
  const submit = (event: Event) => {
    event.preventDefault();
    if (picked !== undefined && state.busy !== 'site') actions.chooseSite(picked);
  };
  return h(
    'form',
    { class: 'panel', onsubmit: submit, key: 'site-picker' },
    h(
      'fieldset',
      { class: 'sites' },
      h('legend', {}, title),
      h('p', { class: 'muted' }, lead),
      sites.map((site) => choice(site, site.cloudId === picked, site.cloudId === present?.cloudId, actions)),
    ),
    h(
      'p',
      { class: 'actions' },
      button('Use this site', () => {}, {
        kind: 'primary',
        type: 'submit',
        busy: state.busy === 'site',
        disabled: picked === undefined || picked === present?.cloudId,
      }),
      more,
    ),
  );
}

function choice(site: Site, checked: boolean, isPresent: boolean, actions: Actions): VNode {
  return h(
    'label',
    { class: 'site', key: site.cloudId },
    h('input', {
      type: 'radio',
      name: 'site',
      value: site.cloudId,
      checked,
      onchange: () => actions.pickSite(site.cloudId),
    }),
    h(
      'span',
      { class: 'site-text' },
      h('span', { class: 'site-name' }, site.name, isPresent && h('span', { class: 'tag' }, 'Synced now')),
      h('span', {}, site.url),
      h('span', { class: 'muted code' }, `Cloud ID ${site.cloudId}`),
    ),
  );
}
