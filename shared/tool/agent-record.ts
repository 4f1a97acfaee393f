import type { Deps } from '../platform/deps.ts';
import { hasStatus, ifMatch, readItem, type Stored } from '../platform/items.ts';
import { ProblemError } from '../platform/problem.ts';
import { newKey } from './agent-key.ts';
import { GROUPS, type Groups, type Profile, profileOf } from './groups.ts';

/** What is stored of a key: never the key. */
export interface StoredKey {
  readonly hash: string;
  readonly createdAt: string;
  /** Set when a newer key takes over: until then both work. */
  readonly expiresAt?: string;
  /** Written at most once an hour. */
  readonly lastUsedAt?: string;
}

/** An agent's access: one item of `control`, so that one point read tells who calls and what they may do. */
export interface AgentRecord {
  /** `agent:{agentId}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'agent';
  readonly agentId: string;
  readonly groups: Groups;
  /** By key id. */
  readonly keys: Readonly<Record<string, StoredKey>>;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What the dashboard sees of an agent. */
export interface AgentView {
  readonly agentId: string;
  /** Absent when the groups are no profile's. */
  readonly profile?: Profile;
  readonly groups: Groups;
  readonly keys: readonly (Omit<StoredKey, 'hash'> & { readonly keyId: string })[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

type ControlDeps = Pick<Deps, 'control' | 'now' | 'settings'>;

/** Rotating faster than the overlap lasts must not grow the item without bound. */
const KEYS_MAX = 10;
const WRITE_ATTEMPTS = 5;

export function agentItemId(agentId: string): string {
  return `agent:${agentId}`;
}

/** The agent's record, or `undefined` when it was never given access. */
export function readAgent(
  deps: Pick<Deps, 'control'>,
  tenantId: string,
  agentId: string,
): Promise<Stored<AgentRecord> | undefined> {
  return readItem<AgentRecord>(deps.control, tenantId, agentItemId(agentId));
}

/** The agent as the dashboard sees it. Throws 404 `agent_not_found`. */
export async function getAgent(deps: ControlDeps, tenantId: string, agentId: string): Promise<AgentView> {
  const stored = await readAgent(deps, tenantId, agentId);
  if (!stored) throw agentNotFound(agentId);
  return viewOf(stored.item, deps.now());
}

/** Sets an agent's groups and creates the agent when it is new; its keys stay. Works from its next call on. */
export async function putAgent(
  deps: ControlDeps,
  tenantId: string,
  agentId: string,
  groups: Groups,
): Promise<AgentView> {
  const record = await update(deps, tenantId, agentId, (agent, now) => ({
    id: agentItemId(agentId),
    tenantId,
    type: 'agent',
    agentId,
    groups,
    keys: agent?.keys ?? {},
    createdAt: agent?.createdAt ?? now,
    updatedAt: now,
  }));
  return viewOf(record, deps.now());
}

/** Removes an agent with all its keys. Removing an unknown one changes nothing. */
export async function deleteAgent(deps: ControlDeps, tenantId: string, agentId: string): Promise<void> {
  try {
    await deps.control.item(agentItemId(agentId), tenantId).delete();
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
}

/**
 * Issues a key, which is shown this once. Keys that are still good end after `AGENT_KEY_OVERLAP_HOURS`, or at once
 * with `revokeOthers`. Throws 404 `agent_not_found`.
 */
export async function issueKey(
  deps: ControlDeps,
  tenantId: string,
  agentId: string,
  { revokeOthers }: { revokeOthers: boolean },
): Promise<{ key: string; keyId: string; createdAt: string }> {
  const { key, keyId, hash } = newKey(tenantId, agentId);
  const overlapEnd = new Date(deps.now().getTime() + deps.settings.AGENT_KEY_OVERLAP_HOURS * 3_600_000).toISOString();
  const record = await update(deps, tenantId, agentId, (agent, now) => {
    if (!agent) throw agentNotFound(agentId);
    const former = Object.entries(agent.keys)
      .filter(([, stored]) => !revokeOthers && isValid(stored, deps.now()))
      .map(([id, stored]) => [id, { ...stored, expiresAt: stored.expiresAt ?? overlapEnd }] as const)
      .slice(-(KEYS_MAX - 1));
    return { ...agent, keys: { ...Object.fromEntries(former), [keyId]: { hash, createdAt: now } }, updatedAt: now };
  });
  return { key, keyId, createdAt: record.updatedAt };
}

/** Whether a key works now. */
export function isValid(key: StoredKey, now: Date): boolean {
  return key.expiresAt === undefined || Date.parse(key.expiresAt) > now.getTime();
}

/** Read, change, write if nobody else wrote meanwhile; otherwise again. */
async function update(
  deps: ControlDeps,
  tenantId: string,
  agentId: string,
  change: (agent: AgentRecord | undefined, now: string) => AgentRecord,
): Promise<AgentRecord> {
  for (let attempt = 1; ; attempt++) {
    const stored = await readAgent(deps, tenantId, agentId);
    const next = change(stored?.item, deps.now().toISOString());
    try {
      if (stored) await deps.control.item(next.id, tenantId).replace(next, ifMatch(stored.etag));
      else await deps.control.items.create(next);
      return next;
    } catch (error) {
      if (attempt === WRITE_ATTEMPTS || !hasStatus(error, 404, 409, 412)) throw error;
    }
  }
}

function viewOf(record: AgentRecord, now: Date): AgentView {
  const profile = profileOf(record.groups);
  return {
    agentId: record.agentId,
    ...(profile ? { profile } : {}),
    groups: Object.fromEntries(GROUPS.map((group) => [group, record.groups[group]])) as Groups,
    keys: Object.entries(record.keys)
      .filter(([, key]) => isValid(key, now))
      .map(([keyId, { hash: _hash, ...key }]) => ({ keyId, ...key })),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}

function agentNotFound(agentId: string): ProblemError {
  return new ProblemError(
    404,
    'agent_not_found',
    `No access is set for agent ${agentId}: set it first with PUT …/confluence-tool.`,
  );
}
