import type { Deps } from '../platform/deps.ts';
import { ProblemError } from '../platform/problem.ts';
import { writeAccountName } from './account-name.ts';
import type { Connection } from './record.ts';
import { consent } from './state-machine.ts';
import { transition } from './transitions.ts';
import { findClaimable } from './unclaimed-grant.ts';

/**
 * The dashboard of the tenant that asked accepts the grant. The completion is used up by the write that makes the grant
 * the connection's, so a refused attempt changes nothing; another tenant's completion is not found here.
 *
 * @throws {ProblemError} 409 `completion_invalid`
 */
export async function completeConnect(deps: Deps, tenantId: string, completion: string): Promise<Connection> {
  const connection = await transition(deps, tenantId, async (current) => {
    const unclaimed = await findClaimable(deps, tenantId, completion);
    if (!unclaimed) throw completionInvalid();
    const { grant, sites, accountName } = unclaimed.granted;
    return {
      trigger: consent(current, grant, sites),
      operations: [
        { operationType: 'Delete', id: unclaimed.item.id, ifMatch: unclaimed.etag },
        ...(accountName ? [writeAccountName(deps, tenantId, grant.accountId, accountName)] : []),
      ],
    };
  });
  if (!connection) throw new Error('a consent always leaves a connection');
  return connection;
}

function completionInvalid(): ProblemError {
  return new ProblemError(
    409,
    'completion_invalid',
    'This consent was not given for this tenant, was already used, or has lapsed (they do after 10 minutes). ' +
      'Nothing was changed; choose Connect again.',
  );
}
