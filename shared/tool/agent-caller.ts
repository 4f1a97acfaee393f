import type { Deps } from '../platform/deps.ts';
import { ProblemError } from '../platform/problem.ts';

/** The agent behind a key. */
export interface AgentCaller {
  readonly tenantId: string;
  readonly agentId: string;
}

/** Finds the agent whose key this is. Throws 401 `unauthorized`. */
export async function authenticateAgent(_deps: Deps, _authorization: string | null): Promise<AgentCaller> {
  throw new ProblemError(401, 'unauthorized', 'Send an agent key: Authorization: Bearer <agent key>.');
}
