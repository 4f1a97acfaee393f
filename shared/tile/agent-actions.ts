import { type Group, type Groups, groupsOfProfile, type Profile, profileOf } from '../tool/groups.ts';
import { type Api, ApiProblem } from './api.ts';
import type { Agent, AgentAccess } from './api-types.ts';
import { createQueue } from './in-order.ts';
import { type AgentState, type Context, failed, type Remote } from './state.ts';

/** Each agent's permission groups and keys. */
export function createAgentActions(api: Api, context: Context) {
  const { state, set } = context;
  const inOrder = createQueue();

  function setAgent(agentId: string, change: Partial<AgentState>): void {
    const { agents } = state();
    if (agents.state !== 'ready') return;
    const value = agents.value.map((entry) => (entry.agent.id === agentId ? { ...entry, ...change } : entry));
    set({ agents: { state: 'ready', value } });
  }

  async function loadAgents(): Promise<void> {
    try {
      const agents = await api.agents();
      const value = await Promise.all(
        agents.map(async (agent) => ({ agent, busy: false, access: await loadAccess(api, agent.id) })),
      );
      set({ agents: { state: 'ready', value } });
    } catch (problem) {
      set({ agents: failed(problem) });
    }
  }

  /** Saves an agent's access and shows what came of it; after a failure, what is in force. */
  async function save({ id, name }: Agent, call: () => Promise<AgentAccess | null>): Promise<void> {
    setAgent(id, { busy: true });
    try {
      const { value, isLatest } = await inOrder(call);
      if (isLatest) setAgent(id, { access: { state: 'ready', value } });
      setAgent(id, { busy: false, problem: undefined });
      set({ announcement: `Saved the access of ${name}.` });
    } catch (problem) {
      setAgent(id, { busy: false, problem: problem as ApiProblem, access: await loadAccess(api, id) });
    }
  }

  function accessOf(agentId: string): AgentAccess | undefined {
    const { agents } = state();
    const entry = agents.state === 'ready' ? agents.value.find(({ agent }) => agent.id === agentId) : undefined;
    return entry?.access.state === 'ready' ? (entry.access.value ?? undefined) : undefined;
  }

  /** The controls move at once, and the next click counts from there. */
  function setGroups(agent: Agent, groups: Groups, wanted: object): void {
    const access = accessOf(agent.id) ?? { keys: [] };
    const profile = profileOf(groups);
    const value = { keys: access.keys, groups, ...(profile ? { profile } : {}) };
    setAgent(agent.id, { access: { state: 'ready', value } });
    void save(agent, () => api.setAgentAccess(agent.id, wanted));
  }

  function setGroup(agent: Agent, group: Group, on: boolean): void {
    const access = accessOf(agent.id);
    if (!access) return;
    const groups = { ...access.groups, [group]: on ? 'read_only' : 'disabled' };
    setGroups(agent, groups, { groups });
  }

  async function newKey({ id, name }: Agent, endFormer: boolean): Promise<void> {
    set({ dialog: undefined });
    setAgent(id, { busy: true });
    try {
      const key = await api.newKey(id, endFormer);
      set({ dialog: { kind: 'key', agentName: name, key, copied: 'no' } });
      setAgent(id, { busy: false, problem: undefined, access: await loadAccess(api, id) });
    } catch (problem) {
      setAgent(id, { busy: false, problem: problem as ApiProblem });
    }
  }

  async function copyKey(): Promise<void> {
    const { dialog } = state();
    if (dialog?.kind !== 'key') return;
    try {
      await navigator.clipboard.writeText(dialog.key.key);
      set({ dialog: { ...dialog, copied: 'yes' }, announcement: 'The key was copied.' });
    } catch {
      set({ dialog: { ...dialog, copied: 'refused' } });
    }
  }

  return {
    loadAgents: () => void loadAgents(),
    setProfile: (agent: Agent, profile: Profile) => setGroups(agent, groupsOfProfile(profile), { profile }),
    setGroup,
    removeAgentAccess(agent: Agent): void {
      set({ dialog: undefined });
      void save(agent, () => api.removeAgentAccess(agent.id).then(() => null));
    },
    newKey: (agent: Agent, endFormer: boolean) => void newKey(agent, endFormer),
    copyKey: () => void copyKey(),
  };
}

/** `null`: the agent has no access yet. */
async function loadAccess(api: Api, agentId: string): Promise<Remote<AgentAccess | null>> {
  try {
    return { state: 'ready', value: await api.agentAccess(agentId) };
  } catch (problem) {
    const isNew = problem instanceof ApiProblem && problem.code === 'agent_not_found';
    return isNew ? { state: 'ready', value: null } : failed(problem);
  }
}
