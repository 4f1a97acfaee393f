import type { Deps } from '../platform/deps.ts';
import { hasStatus, ifMatch, type Stored } from '../platform/items.ts';
import { ProblemError } from '../platform/problem.ts';
import { matches, parseKey } from './agent-key.ts';
import { type AgentRecord, agentItemId, isValid, readAgent, type StoredKey } from './agent-record.ts';
import type { Groups } from './groups.ts';

/** The agent behind a key, with its permissions as they stand now: the record is read on every call. */
export interface AgentCaller {
  readonly tenantId: string;
  readonly agentId: string;
  readonly keyId: string;
  readonly groups: Groups;
}

type CallerDeps = Pick<Deps, 'control' | 'now' | 'log'>;

const LAST_USED_EVERY_MS = 3_600_000;

/**
 * Finds the agent whose key this is, with one point read. Throws 401 `unauthorized`, in the same words for a key that
 * is malformed, unknown, revoked or expired.
 */
export async function authenticateAgent(deps: CallerDeps, authorization: string | null): Promise<AgentCaller> {
  const text = /^Bearer ([^\s]{1,400})$/i.exec(authorization ?? '')?.[1];
  const parsed = text === undefined ? undefined : parseKey(text);
  if (!parsed) throw unauthorized();
  const { tenantId, agentId, keyId, secret } = parsed;
  const stored = await readAgent(deps, tenantId, agentId);
  // Own members only: a key id is the caller's text.
  const key = stored && Object.hasOwn(stored.item.keys, keyId) ? stored.item.keys[keyId] : undefined;
  if (!stored || !key || !matches(secret, key.hash) || !isValid(key, deps.now())) throw unauthorized();
  await noteUse(deps, stored, keyId, key);
  return { tenantId, agentId, keyId, groups: stored.item.groups };
}

/** The first of several calls at once writes; the others fail the condition. Failing to note a use fails no call. */
async function noteUse(
  deps: CallerDeps,
  { item, etag }: Stored<AgentRecord>,
  keyId: string,
  { lastUsedAt }: StoredKey,
): Promise<void> {
  const now = deps.now();
  if (lastUsedAt !== undefined && now.getTime() - Date.parse(lastUsedAt) < LAST_USED_EVERY_MS) return;
  try {
    await deps.control
      .item(agentItemId(item.agentId), item.tenantId)
      .patch([{ op: 'set', path: `/keys/${keyId}/lastUsedAt`, value: now.toISOString() }], ifMatch(etag));
  } catch (error) {
    if (!hasStatus(error, 404, 412)) deps.log.warn('agent_last_used_failed', { agentId: item.agentId, error });
  }
}

function unauthorized(): ProblemError {
  return new ProblemError(
    401,
    'unauthorized',
    'Send a valid agent key: Authorization: Bearer <agent key>. The dashboard issues keys.',
  );
}
