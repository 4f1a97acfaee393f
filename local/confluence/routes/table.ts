import type { GatewayRoute, Handler } from '../gateway/call.ts';
import { type Match, Router } from '../http/router.ts';
import { getPage, listPages, listSpacePages } from './pages.ts';
import { getSpace, listSpaces } from './spaces.ts';

const SPACE = ['read:space:confluence'];
const PAGE = ['read:page:confluence'];

const V2: [string, readonly string[], Handler][] = [
  ['/spaces', SPACE, listSpaces],
  ['/spaces/:id', SPACE, getSpace],
  ['/spaces/:id/pages', PAGE, listSpacePages],
  ['/pages', PAGE, listPages],
  ['/pages/:id', PAGE, getPage],
];

const router = new Router<GatewayRoute>();
for (const [pattern, scopes, handler] of V2) router.add('GET', `/wiki/api/v2${pattern}`, { scopes, handler });

/** The Confluence route of a path below the gateway's `/ex/confluence/{cloudId}`. */
export function findRoute(method: string, path: string): Match<GatewayRoute> | undefined {
  return router.match(method, path);
}

/** v1 reads of content, spaces, labels and children, which answer 410 through the gateway since 2026-08. */
export function isGone(path: string): boolean {
  return /^\/wiki\/rest\/api\/(content|space|label|child)(\/|$)/.test(path);
}
