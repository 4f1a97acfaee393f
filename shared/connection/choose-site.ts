import type { Site } from '../atlassian/resources.ts';
import type { Deps } from '../platform/deps.ts';
import { ProblemError } from '../platform/problem.ts';
import type { Connection } from './record.ts';
import type { Trigger } from './state-machine.ts';
import { notUsable } from './tokens.ts';
import { transition } from './transitions.ts';

/**
 * Picks the site: out of the waiting grant's while one waits, else out of those that the present grant reaches. Picking
 * the present site of a working connection changes nothing.
 *
 * @throws {ProblemError} 409 `not_connected` without a grant to pick from, 409 `reconnect_required` when the grant
 * reaches no site any more, 409 `site_not_available` for a site that is not among those to pick from
 */
export async function chooseSite(deps: Deps, tenantId: string, cloudId: string): Promise<Connection> {
  let before: Connection | undefined;
  const connection = await transition(deps, tenantId, (current) => {
    before = current;
    return { trigger: pick(current, cloudId, deps.now()) };
  });
  if (!connection) throw notUsable('disconnected');
  const isUnchanged = connection.statusSince === before?.statusSince;
  if (connection.status === 'reconnect_required' && isUnchanged) throw notUsable(connection.status);
  return connection;
}

function pick(current: Connection, cloudId: string, now: Date): Trigger {
  if (current.status === 'disconnected') throw notUsable(current.status);
  const { pending } = current;
  if (pending && Date.parse(pending.expiresAt) > now.getTime()) {
    return { kind: 'pick-pending-site', site: find(pending.sites, cloudId) };
  }
  return { kind: 'pick-site', site: find(current.sites, cloudId) };
}

function find(sites: readonly Site[], cloudId: string): Site {
  const site = sites.find((candidate) => candidate.cloudId === cloudId);
  if (site) return site;
  throw new ProblemError(
    409,
    'site_not_available',
    'This site is not among those that the consent covers. Pick one of the listed sites, or reconnect and grant it.',
    { members: { sites } },
  );
}
