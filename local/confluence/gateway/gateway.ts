import { randomBytes } from 'node:crypto';
import { findSite, type Site } from '../content/sites.ts';
import { type Answer, type Exchange, json } from '../http/exchange.ts';
import { BLOCKED_HEADER } from '../routes/page-source.ts';
import { findRoute, isGone } from '../routes/table.ts';
import type { Simulator } from '../simulator.ts';
import { authenticate, type Caller } from './authenticate.ts';
import type { Call } from './call.ts';
import { gatewayError, InvalidParameter, v1Error, v2Error } from './errors.ts';
import { costOf } from './points.ts';

/**
 * `/ex/confluence/{cloudId}/…`: the API gateway. The order of its checks is that of the real one: token, site, points,
 * route, scope, product access, and only then permissions on content.
 */
export async function answerGateway(simulator: Simulator, exchange: Exchange): Promise<Answer> {
  const [, , , cloudId = '', ...rest] = exchange.path.split('/');
  exchange.notes.cloudId = cloudId;
  const answer = await admit(simulator, exchange, cloudId, `/${rest.join('/')}`);
  const headers = {
    ...answer.headers,
    ...simulator.points.headers(cloudId),
    'x-trace-id': randomBytes(16).toString('hex'),
  };
  return { ...answer, headers };
}

async function admit(simulator: Simulator, exchange: Exchange, cloudId: string, path: string): Promise<Answer> {
  const caller = authenticate(simulator, exchange);
  if ('status' in caller) return caller;
  const site = findSite(simulator, cloudId);
  if (!site || site.removed || !site.confluence) return gatewayError(404, 'Not Found');
  if (!isGranted(simulator, caller, site)) return gatewayError(403, 'The app is not installed on this instance');
  if (simulator.points.isExhausted(cloudId)) return simulator.points.refusal();

  const cost = { objects: 0, identities: 0 };
  const answer = await answerCall(simulator, exchange, caller, site, path, cost);
  const points = answer.status < 400 ? costOf(cost.objects, cost.identities) : costOf(0, 0);
  exchange.notes.points = points;
  simulator.points.charge(cloudId, points);
  return answer;
}

async function answerCall(
  simulator: Simulator,
  exchange: Exchange,
  caller: Caller,
  site: Site,
  path: string,
  cost: { objects: number; identities: number },
): Promise<Answer> {
  const found = findRoute(exchange.method, path);
  if (!found) return refuseUnknown(exchange.method, path);
  if (!found.handler.scopes.some((scope) => caller.scopes.includes(scope))) {
    return gatewayError(401, 'Unauthorized; scope does not match');
  }
  if (!hasProductAccess(simulator, caller, site)) return refuseProduct(path);
  const call: Call = {
    simulator,
    exchange,
    query: exchange.query,
    params: found.params,
    site,
    viewer: { site: site.site, accountId: caller.accountId },
    charge: ({ objects = 0, identities = 0 }) => {
      cost.objects += objects;
      cost.identities += identities;
    },
  };
  try {
    const answer = await found.handler.handler(call);
    return hasBlockedSpace(simulator, site) ? { ...answer, headers: { ...answer.headers, ...BLOCKED_HEADER } } : answer;
  } catch (error) {
    if (error instanceof InvalidParameter) return error.toAnswer();
    throw error;
  }
}

function refuseUnknown(method: string, path: string): Answer {
  if (method !== 'GET' && method !== 'HEAD') {
    return v2Error(403, 'FORBIDDEN', `The simulator is read-only: ${method} is refused`);
  }
  if (isGone(path)) return v1Error(410, 'This API has been removed. Use the REST v2 API instead.');
  return path.startsWith('/wiki/rest/')
    ? json(404, { statusCode: 404, message: `null for uri: ${path}` })
    : v2Error(404, 'NOT_FOUND', 'Not Found');
}

function refuseProduct(path: string): Answer {
  const message = 'Current user not permitted to use Confluence';
  return path.startsWith('/wiki/rest/') ? v1Error(403, message) : v2Error(403, 'FORBIDDEN', message);
}

function isGranted({ database }: Simulator, caller: Caller, site: Site): boolean {
  return (
    database.get(
      'SELECT 1 FROM grantSite WHERE clientId = ? AND accountId = ? AND site = ?',
      caller.clientId,
      caller.accountId,
      site.site,
    ) !== undefined
  );
}

function hasProductAccess({ database }: Simulator, caller: Caller, site: Site): boolean {
  return (
    database.get(
      'SELECT 1 FROM siteAccess WHERE accountId = ? AND site = ? AND confluence = 1',
      caller.accountId,
      site.site,
    ) !== undefined
  );
}

function hasBlockedSpace({ database }: Simulator, site: Site): boolean {
  return database.get('SELECT 1 FROM space WHERE site = ? AND blocked = 1', site.site) !== undefined;
}
