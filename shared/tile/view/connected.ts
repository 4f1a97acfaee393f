import type { Connection } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { State } from '../state.ts';
import { reconnectWords } from '../words.ts';
import { agentsView } from './agents.ts';
import { connectControls, unverifiedNote } from './connect.ts';
import { button, externalLink, icon, timeText } from './parts.ts';
import { runsView } from './runs.ts';
import { searchView } from './search.ts';
import { sitePicker } from './site-picker.ts';
import { spacesView } from './spaces.ts';
import { syncView } from './sync.ts';
import { syncScope } from './sync-scope.ts';

/** Where the owner of an Atlassian account sees and removes the apps that it has let in. */
export const ATLASSIAN_APPS_URL = 'https://id.atlassian.com/manage-profile/apps';

/** A connection with its site, whether it works or has to be renewed. */
export function connectedView(state: State, connection: Connection, actions: Actions): Child {
  const works = connection.status === 'connected';
  return [
    works ? connectedCard(state, connection, actions) : reconnectCard(state, connection, actions),
    picker(state, connection, actions),
    h(
      'div',
      { class: 'columns', key: 'columns' },
      h(
        'div',
        { class: 'stack' },
        works && syncView(state, connection, actions),
        works && searchView(state, actions),
        runsView(state.runs, actions),
        works && spacesView(state.spaces, actions),
      ),
      h('div', { class: 'stack' }, agentsView(state, connection, actions), syncScope()),
    ),
  ];
}

function connectedCard(state: State, connection: Connection, actions: Actions): VNode {
  const idle = state.connect.step === 'idle';
  return h(
    'section',
    { class: 'card good', 'aria-labelledby': 'card-title', key: 'card' },
    h(
      'div',
      { class: 'card-head' },
      icon('check'),
      h('div', {}, h('h4', { id: 'card-title' }, 'Confluence connected'), siteAndAccount(connection)),
    ),
    idle
      ? h(
          'p',
          { class: 'actions' },
          button('Trigger sync', actions.triggerSync, { kind: 'primary', busy: state.busy === 'sync', key: 'sync' }),
          canChangeSite(connection) &&
            button('Change site', () => actions.setPicking(true), {
              key: 'site',
              'aria-expanded': String(state.pickingSite),
            }),
          button('Reconnect', actions.connect, { key: 'connect' }),
          disconnectButton(state, actions),
        )
      : connectControls(state.connect, actions, 'Reconnect'),
    h(
      'p',
      { class: 'muted' },
      'You can see and revoke this grant at Atlassian: ',
      externalLink(ATLASSIAN_APPS_URL, 'id.atlassian.com/manage-profile/apps'),
      '.',
    ),
  );
}

function reconnectCard(state: State, connection: Connection, actions: Actions): VNode {
  return h(
    'section',
    { class: 'card warning', 'aria-labelledby': 'card-title', key: 'card' },
    h(
      'div',
      { class: 'card-head' },
      icon('warning'),
      h('div', {}, h('h4', { id: 'card-title' }, 'Confluence has to be reconnected'), siteAndAccount(connection)),
    ),
    h('p', {}, reconnectWords(connection)),
    h(
      'p',
      { class: 'muted' },
      'Until then nothing is synced and agents cannot use Confluence. The index and the agents’ settings stay.',
    ),
    connectControls(state.connect, actions, 'Reconnect', disconnectButton(state, actions)),
    unverifiedNote(),
  );
}

function siteAndAccount({ site, account, statusSince }: Connection): Child {
  return [
    site && h('p', { class: 'site-url' }, externalLink(`${site.url}/wiki`, site.url)),
    h(
      'p',
      { class: 'muted' },
      account && [`Account ${account.name ?? account.accountId}, access granted `, timeText(account.grantedAt)],
      !account && statusSince && ['Since ', timeText(statusSince)],
    ),
  ];
}

function disconnectButton(state: State, actions: Actions): VNode {
  return button('Disconnect', () => actions.openDialog({ kind: 'disconnect', deleteIndex: false }), {
    kind: 'danger',
    busy: state.busy === 'disconnect',
    key: 'disconnect',
  });
}

function canChangeSite({ sites = [], pending }: Connection): boolean {
  return sites.length > 1 && !pending;
}

/** A newer consent waits for its site, or somebody wants another of the present ones. */
function picker(state: State, { pending, sites = [], site }: Connection, actions: Actions): Child {
  if (pending) {
    return sitePicker(state, actions, pending.sites, {
      title: 'Choose the site to sync from now on',
      lead: `The new consent does not cover ${site?.url ?? 'the present site'}. Until you choose, the present connection goes on; after that the index of the former site is deleted.`,
    });
  }
  if (!state.pickingSite) return null;
  return sitePicker(
    state,
    actions,
    sites,
    {
      title: 'Choose the site to sync',
      lead: 'Another site replaces the present one: its pages leave every answer at once and are deleted from the index.',
    },
    site,
    button('Cancel', () => actions.setPicking(false), { kind: 'quiet' }),
  );
}
