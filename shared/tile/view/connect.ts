import type { Connection } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { ConnectFlow, State } from '../state.ts';
import { absoluteTime, clockTime } from '../time.ts';
import { button } from './parts.ts';
import { syncScope } from './sync-scope.ts';

/** Not connected: what connecting brings, what it costs, and the button. */
export function connectView(state: State, connection: Connection, actions: Actions): Child {
  return h(
    'div',
    { class: 'columns', key: 'connect-columns' },
    h(
      'section',
      { class: 'panel', 'aria-labelledby': 'connect-title' },
      h('h4', { id: 'connect-title' }, 'Let agents find answers in your Confluence'),
      h(
        'p',
        {},
        'Connect your Confluence Cloud site once. Neo keeps an index of its spaces and pages up to date, and agents search and read it while they resolve tickets. They can never change anything.',
      ),
      connectControls(state.connect, actions, 'Connect Confluence'),
      unverifiedNote(),
      connection.indexKeptUntil &&
        h(
          'p',
          { class: 'muted' },
          `The index of the former connection is hidden and will be deleted on ${absoluteTime(connection.indexKeptUntil)}. Connecting the same site again before then brings it back.`,
        ),
    ),
    syncScope(),
  );
}

/** The button with its neighbours, or what to do in the window that it opened. */
export function connectControls(flow: ConnectFlow, actions: Actions, label: string, ...neighbours: VNode[]): VNode {
  if (flow.step === 'waiting') return waiting(flow, actions);
  const words = { idle: label, starting: 'Opening Atlassian…', completing: 'Finishing…' }[flow.step];
  const busy = flow.step !== 'idle';
  return h(
    'p',
    { class: 'actions', key: 'connect' },
    button(words, actions.connect, { kind: 'primary', busy, key: 'connect' }),
    !busy && neighbours,
  );
}

function waiting(flow: Extract<ConnectFlow, { step: 'waiting' }>, actions: Actions): VNode {
  const until = `You have until ${clockTime(flow.expiresAt)}.`;
  const link = h(
    'a',
    // The page after consent talks to the window that opened it, hence `opener`; it is Atlassian's and then our own.
    { class: 'button primary', href: flow.authorizeUrl, target: '_blank', rel: 'opener', key: 'open' },
    'Open Atlassian',
    h('span', { class: 'hidden' }, ' (opens in a new tab)'),
  );
  const cancel = button('Cancel', actions.cancelConnect, { kind: 'quiet', key: 'cancel' });
  switch (flow.popup) {
    case 'blocked':
      return h(
        'div',
        { class: 'notice warning', role: 'alert', key: 'waiting' },
        h(
          'p',
          {},
          h('strong', {}, 'Your browser blocked the window.'),
          ` Open Atlassian with this link instead, and come back here. ${until}`,
        ),
        h('p', { class: 'actions' }, link, cancel),
      );
    case 'closed':
      return h(
        'div',
        { class: 'notice info', key: 'waiting' },
        h(
          'p',
          {},
          h('strong', {}, 'The window seems to be closed.'),
          ` If you were not finished, open it again. ${until}`,
        ),
        h('p', { class: 'actions' }, link, cancel),
      );
    case 'open':
      return h(
        'div',
        { class: 'notice info', key: 'waiting' },
        h(
          'p',
          {},
          h('strong', {}, 'Go on in the Atlassian window.'),
          ` Sign in, choose your site and accept. ${until}`,
        ),
        h('p', { class: 'actions' }, button('Show the window', actions.showPopup, { key: 'show' }), cancel),
      );
  }
}

export function unverifiedNote(): VNode {
  return h(
    'p',
    { class: 'muted' },
    'A window of Atlassian opens and lists what Neo may read. It shows an “unverified app” notice: Atlassian does so for every app outside its Marketplace. ',
    'You sign in at Atlassian; Neo never sees your password.',
  );
}
