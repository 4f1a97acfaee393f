import type { Connection } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { Dialog } from '../state.ts';
import { ATLASSIAN_APPS_URL } from './connected.ts';
import { button, externalLink } from './parts.ts';

/** The dialog that is open, if any. */
export function dialogView(dialog: Dialog | undefined, connection: Connection, actions: Actions): Child {
  switch (dialog?.kind) {
    case 'disconnect':
      return disconnectDialog(dialog, connection, actions);
    case 'key':
      return keyDialog(dialog, actions);
    case 'new-key':
      return newKeyDialog(dialog, actions);
    case 'remove-agent':
      return removeAgentDialog(dialog, actions);
    case undefined:
      return null;
  }
}

function modal(key: string, title: string, actions: Actions, ...content: Child[]): VNode {
  return h(
    'dialog',
    {
      key,
      'aria-labelledby': 'dialog-title',
      mounted: (element) => (element as HTMLDialogElement).showModal(),
      onclose: actions.closeDialog,
    },
    h('h4', { id: 'dialog-title' }, title),
    content,
  );
}

function disconnectDialog(
  { deleteIndex }: Extract<Dialog, { kind: 'disconnect' }>,
  { site }: Connection,
  actions: Actions,
): VNode {
  return modal(
    'disconnect',
    'Disconnect Confluence?',
    actions,
    h(
      'ul',
      {},
      h('li', {}, `Our tokens for ${site?.url ?? 'the site'} are erased, and syncing ends.`),
      h(
        'li',
        {},
        'Agents cannot search or read Confluence any more, from their next call on. Their settings and keys stay.',
      ),
      h('li', {}, 'The index is hidden at once and deleted after its retention time (30 days unless set otherwise).'),
      h('li', {}, 'Nothing changes in Confluence itself.'),
    ),
    checkbox('Delete the index now', deleteIndex, (checked) =>
      actions.openDialog({ kind: 'disconnect', deleteIndex: checked }),
    ),
    h(
      'p',
      { class: 'muted' },
      'To revoke the grant at Atlassian as well, remove Neo at ',
      externalLink(ATLASSIAN_APPS_URL, 'id.atlassian.com/manage-profile/apps'),
      '.',
    ),
    h(
      'p',
      { class: 'actions end' },
      button('Keep connected', actions.closeDialog),
      button('Disconnect', () => actions.disconnect(deleteIndex), { kind: 'danger-solid' }),
    ),
  );
}

function keyDialog({ agentName, key, copied }: Extract<Dialog, { kind: 'key' }>, actions: Actions): VNode {
  return modal(
    'key',
    `Key for ${agentName}`,
    actions,
    h('p', {}, h('strong', {}, 'Copy it now: it is shown this once.'), ' Put it where the agent reads its secrets.'),
    h('p', { class: 'key', tabindex: '0', role: 'group', 'aria-label': 'The key' }, h('code', {}, key.key)),
    copied === 'refused' &&
      h('p', { role: 'alert' }, 'The browser did not allow copying: select the key and copy it yourself.'),
    h(
      'p',
      { class: 'actions end' },
      button(copied === 'yes' ? 'Copied' : 'Copy', actions.copyKey, { kind: 'primary' }),
      button('Done', actions.closeDialog),
    ),
  );
}

function newKeyDialog({ agent, endFormer }: Extract<Dialog, { kind: 'new-key' }>, actions: Actions): VNode {
  return modal(
    'new-key',
    `New key for ${agent.name}`,
    actions,
    h('p', {}, 'The present key stays valid for 24 hours, so that the agent can change over without a gap.'),
    checkbox('End the present key at once', endFormer, (checked) =>
      actions.openDialog({ kind: 'new-key', agent, endFormer: checked }),
    ),
    h(
      'p',
      { class: 'actions end' },
      button('Cancel', actions.closeDialog),
      button('Create key', () => actions.newKey(agent, endFormer), { kind: 'primary' }),
    ),
  );
}

function checkbox(label: string, checked: boolean, onChecked: (checked: boolean) => void): VNode {
  return h(
    'label',
    { class: 'check' },
    h('input', {
      type: 'checkbox',
      checked,
      onchange: (event: Event) => onChecked((event.currentTarget as HTMLInputElement).checked),
    }),
    label,
  );
}

function removeAgentDialog({ agent }: Extract<Dialog, { kind: 'remove-agent' }>, actions: Actions): VNode {
  return modal(
    'remove-agent',
    `Remove access of ${agent.name}?`,
    actions,
    h('p', {}, 'Its keys stop working at once. You can allow it again later, with a new key.'),
    h(
      'p',
      { class: 'actions end' },
      button('Cancel', actions.closeDialog),
      button('Remove access', () => actions.removeAgentAccess(agent), { kind: 'danger-solid' }),
    ),
  );
}
