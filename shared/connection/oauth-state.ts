import type { Deps } from '../platform/deps.ts';
import { idSchema } from '../platform/ids.ts';
import { readItem, type Stored } from '../platform/items.ts';
import { hashOf, randomSecret } from './random-name.ts';

/** One attempt to connect, between leaving for Atlassian and coming back. */
export interface OAuthState {
  /** `state:{hash of the whole state}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'state';
  readonly createdAt: string;
  readonly expiresAt: string;
  /** Kept until it leaves, so that a second use can be told from an unknown state. */
  readonly usedAt?: string;
  readonly ttl: number;
}

/** What is wrong with a state that came back; each has its own page. */
export type StateProblem = 'missing' | 'unknown' | 'expired' | 'used';

/** How long an expired or used state is remembered, to say so. */
const REMEMBERED_SECONDS = 24 * 3600;

/**
 * Stores a new state and gives it out: the tenant in clear, so that the callback can make a point read, and 256 random
 * bits. Only its hash is kept; a tenant exchanged in it finds nothing.
 */
export async function createState(
  deps: Pick<Deps, 'control' | 'settings' | 'now'>,
  tenantId: string,
): Promise<{ state: string; expiresAt: string }> {
  const state = `${tenantId}~${randomSecret()}`;
  const now = deps.now();
  const item: OAuthState = {
    id: stateItemId(state),
    tenantId,
    type: 'state',
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + deps.settings.OAUTH_STATE_SECONDS * 1000).toISOString(),
    ttl: Math.ceil(deps.settings.OAUTH_STATE_SECONDS) + REMEMBERED_SECONDS,
  };
  await deps.control.items.create(item);
  return { state, expiresAt: item.expiresAt };
}

/** Finds a state that came back. It is used up by whoever marks it under its ETag first. */
export async function findState(
  deps: Pick<Deps, 'control' | 'now'>,
  state: string | null,
): Promise<Stored<OAuthState> | { problem: StateProblem }> {
  if (!state) return { problem: 'missing' };
  const tenantId = idSchema.safeParse(state.split('~')[0]);
  if (!tenantId.success) return { problem: 'unknown' };
  const stored = await readItem<OAuthState>(deps.control, tenantId.data, stateItemId(state));
  if (!stored) return { problem: 'unknown' };
  if (stored.item.usedAt) return { problem: 'used' };
  if (Date.parse(stored.item.expiresAt) <= deps.now().getTime()) return { problem: 'expired' };
  return stored;
}

function stateItemId(state: string): string {
  return `state:${hashOf(state)}`;
}
