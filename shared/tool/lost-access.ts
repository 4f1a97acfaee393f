import type { AtlassianError } from '../atlassian/errors.ts';
import { confirmReconnect } from '../connection/confirm.ts';
import { notUsable } from '../connection/tokens.ts';
import type { Deps } from '../platform/deps.ts';
import type { ProblemError } from '../platform/problem.ts';

const CONFIRM_EVERY_MS = 60_000;
const TENANTS_MAX = 2_000;

const asked = new Map<string, number>();

/**
 * When a failure may mean that the customer has to reconnect, has that found out; gives 409 `reconnect_required` if it
 * is so. Asking costs a refresh of the token, so it is done once a minute for a tenant, however often its agents call.
 */
export async function reconnectProblem(
  deps: Deps,
  tenantId: string,
  error: AtlassianError,
): Promise<ProblemError | undefined> {
  if (!['access_lost', 'scope_missing', 'token_rejected'].includes(error.kind)) return undefined;
  const now = deps.now().getTime();
  if (now - (asked.get(tenantId) ?? 0) < CONFIRM_EVERY_MS) return undefined;
  if (asked.size >= TENANTS_MAX) asked.clear();
  asked.set(tenantId, now);
  try {
    const reason = await confirmReconnect(deps, tenantId, error);
    return reason && notUsable('reconnect_required');
  } catch (failure) {
    // The call has failed already; why is told as far as it is known.
    deps.log.warn('tool_reconnect_not_asked', { tenantId, error: failure });
    return undefined;
  }
}
