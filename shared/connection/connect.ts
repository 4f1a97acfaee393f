import { authorizeUrl } from '../atlassian/oauth.ts';
import type { Deps } from '../platform/deps.ts';
import { createState } from './oauth-state.ts';

/** Starts a connect or reconnect: where to send the person, and until when they may come back. */
export async function startConnect(
  deps: Pick<Deps, 'control' | 'settings' | 'now'>,
  tenantId: string,
): Promise<{ authorizeUrl: string; expiresAt: string }> {
  const { state, expiresAt } = await createState(deps, tenantId);
  return { authorizeUrl: authorizeUrl(deps.settings, state), expiresAt };
}
