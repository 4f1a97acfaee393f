import type { Connection } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { State } from '../state.ts';
import { connectControls, connectView } from './connect.ts';
import { connectedView } from './connected.ts';
import { dialogView } from './dialogs.ts';
import { button, icon, loadFailure, notice, skeleton } from './parts.ts';
import { sitePicker } from './site-picker.ts';

const STATUS_WORDS: Readonly<Record<Connection['status'], readonly [words: string, tone: string]>> = {
  disconnected: ['Not connected', ''],
  choosing_site: ['Choose a site', 'warning'],
  connected: ['Connected', 'good'],
  reconnect_required: ['Reconnect needed', 'warning'],
};

/** The whole tile. */
export function tileView(state: State, actions: Actions): Child {
  return h(
    'div',
    { class: 'tile' },
    header(state),
    h('p', { class: 'hidden', role: 'status' }, state.announcement),
    state.stale &&
      notice(
        { tone: 'warning', title: 'This may be out of date.', text: state.stale.detail },
        h('p', { class: 'actions' }, button('Try again', actions.retry)),
      ),
    state.notice && notice(state.notice, button('Dismiss', actions.dismissNotice, { kind: 'quiet' })),
    body(state, actions),
  );
}

function header({ connection }: State): VNode {
  const [words, tone] = connection.state === 'ready' ? STATUS_WORDS[connection.value.status] : [];
  return h(
    'header',
    { class: 'tile-head' },
    h('span', { class: 'logo' }, icon('pages')),
    h(
      'div',
      {},
      h('h3', { id: 'tile-title', tabindex: '-1' }, 'Confluence'),
      h('p', { class: 'muted' }, 'Atlassian Confluence Cloud: spaces and pages for your agents.'),
    ),
    words && h('span', { class: `status ${tone}` }, words),
  );
}

function body(state: State, actions: Actions): Child {
  const { connection } = state;
  switch (connection.state) {
    case 'loading':
      return h('div', { class: 'panel', 'aria-busy': 'true' }, skeleton(4, 'Loading the connection'));
    case 'failed':
      return loadFailure('The connection', connection.problem, actions.retry);
    case 'ready':
      return [statusView(state, connection.value, actions), dialogView(state.dialog, connection.value, actions)];
  }
}

function statusView(state: State, connection: Connection, actions: Actions): Child {
  switch (connection.status) {
    case 'disconnected':
      return connectView(state, connection, actions);
    case 'choosing_site':
      return choosingSite(state, connection, actions);
    case 'connected':
    case 'reconnect_required':
      return connectedView(state, connection, actions);
  }
}

function choosingSite(state: State, { sites = [] }: Connection, actions: Actions): Child {
  const text = {
    title: 'Which site should Neo sync?',
    lead: 'You granted access to several sites. Choose one; you can change it later.',
  };
  return [
    sitePicker(state, actions, sites, text),
    h(
      'div',
      { class: 'panel', key: 'other' },
      h('p', { class: 'muted' }, 'The site is missing? Connect again and include it in the consent.'),
      connectControls(
        state.connect,
        actions,
        'Reconnect',
        button('Disconnect', () => actions.openDialog({ kind: 'disconnect', deleteIndex: false }), { kind: 'danger' }),
      ),
    ),
  ];
}
