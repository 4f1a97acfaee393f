import { GROUPS, type Group } from '../../tool/groups.ts';
import type { Agent, AgentAccess, Connection } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { AgentState, State } from '../state.ts';
import { button, loadFailure, notice, section, skeleton, timeText } from './parts.ts';

const GROUP_WORDS: Readonly<Record<Group, readonly [name: string, what: string]>> = {
  pages: ['Pages', 'Read pages and blog posts'],
  spaces: ['Spaces', 'List spaces and their details'],
  search: ['Search', 'Search all content; excerpts only'],
  attachments: ['Attachments', 'File names, types and links'],
  users: ['Users', 'Names of authors and people mentioned'],
};

const PROFILES = [
  ['read_only', 'Read Only', 'all five groups'],
  ['search_only', 'Search Only', 'finds pages, does not open them'],
] as const;

/** Which agents may use Confluence, and how much of it. */
export function agentsView({ agents }: State, { account }: Connection, actions: Actions): VNode {
  return section(
    'agents',
    'Agent access',
    h(
      'p',
      {},
      `Whatever ${account?.name ?? 'the connecting account'} can see in Confluence is searchable by every agent with `,
      h('em', {}, 'Search'),
      '. Agents only ever read.',
    ),
    content(agents, actions),
  );
}

function content(agents: State['agents'], actions: Actions): Child {
  switch (agents.state) {
    case 'loading':
      return skeleton(4, 'Loading agents');
    case 'failed':
      return loadFailure('Agents', agents.problem, actions.loadAgents);
    case 'ready':
      if (agents.value.length === 0) return h('p', { class: 'muted' }, 'There are no agents in this dashboard yet.');
      return agents.value.map((entry) => agentItem(entry, actions));
  }
}

function agentItem(entry: AgentState, actions: Actions): VNode {
  const { agent, access, problem } = entry;
  return h(
    'article',
    { class: 'agent', key: agent.id, 'aria-labelledby': `agent-${agent.id}` },
    h('h5', { id: `agent-${agent.id}` }, agent.name),
    problem && notice({ tone: 'bad', title: 'Not saved.', text: problem.detail }),
    access.state === 'failed' && loadFailure('Its access', access.problem, actions.loadAgents),
    access.state === 'ready' &&
      (access.value ? accessControls(entry, access.value, actions) : noAccess(entry, actions)),
  );
}

function noAccess({ agent, busy }: AgentState, actions: Actions): VNode[] {
  return [
    h('p', { class: 'muted' }, 'Cannot use Confluence.'),
    h(
      'p',
      { class: 'actions' },
      PROFILES.map(([profile, name]) =>
        button(`Allow ${name}`, () => actions.setProfile(agent, profile), {
          busy,
          'aria-describedby': `agent-${agent.id}`,
        }),
      ),
    ),
  ];
}

function accessControls({ agent, busy }: AgentState, access: AgentAccess, actions: Actions): Child {
  const hasKey = access.keys.length > 0;
  const newKey = () =>
    hasKey ? actions.openDialog({ kind: 'new-key', agent, endFormer: false }) : actions.newKey(agent, false);
  return [
    profileChoice(agent, access, actions),
    h(
      'fieldset',
      { class: 'groups' },
      h('legend', {}, 'Permission groups'),
      h(
        'ul',
        { class: 'switches' },
        GROUPS.map((group) => groupItem(agent, access, group, actions)),
      ),
    ),
    keysOf(access),
    h(
      'p',
      { class: 'actions' },
      button(hasKey ? 'New key' : 'Create key', newKey, {
        busy,
        'aria-describedby': `agent-${agent.id}`,
      }),
      button('Remove access', () => actions.openDialog({ kind: 'remove-agent', agent }), {
        kind: 'danger',
        'aria-describedby': `agent-${agent.id}`,
      }),
    ),
  ];
}

function profileChoice(agent: Agent, { profile }: AgentAccess, actions: Actions): VNode {
  return h(
    'fieldset',
    { class: 'profiles' },
    h('legend', {}, 'Profile'),
    PROFILES.map(([value, name, what]) =>
      h(
        'label',
        { class: 'profile' },
        h('input', {
          type: 'radio',
          name: `profile-${agent.id}`,
          value,
          checked: profile === value,
          onchange: () => actions.setProfile(agent, value),
        }),
        h('span', {}, h('strong', {}, name), h('span', { class: 'muted' }, what)),
      ),
    ),
    profile === undefined && h('p', { class: 'muted' }, 'Own choice of groups'),
  );
}

function groupItem(agent: Agent, access: AgentAccess, group: Group, actions: Actions): VNode {
  const [name, what] = GROUP_WORDS[group];
  const on = access.groups[group] === 'read_only';
  return h(
    'li',
    {},
    h(
      'label',
      { class: 'switch' },
      h('span', { class: 'switch-text' }, h('span', {}, name), h('span', { class: 'muted' }, what)),
      h('span', { class: 'level', 'aria-hidden': 'true' }, on ? 'Read Only' : 'Disabled'),
      h('input', {
        type: 'checkbox',
        role: 'switch',
        checked: on,
        onchange: (event: Event) => actions.setGroup(agent, group, (event.currentTarget as HTMLInputElement).checked),
      }),
    ),
  );
}

function keysOf({ keys }: AgentAccess): VNode {
  if (keys.length === 0) return h('p', { class: 'muted' }, 'No key yet: the agent needs one to call the tool.');
  return h(
    'ul',
    { class: 'keys' },
    keys.map(({ keyId, createdAt, expiresAt, lastUsedAt }) =>
      h(
        'li',
        { key: keyId },
        h('span', { class: 'code' }, keyId),
        h(
          'span',
          { class: 'muted' },
          'created ',
          timeText(createdAt),
          lastUsedAt ? [', used ', timeText(lastUsedAt)] : ', not used yet',
          expiresAt ? [', ends ', timeText(expiresAt)] : null,
        ),
      ),
    ),
  );
}
