/**
 * Who may call a route.
 * - `dashboard`: a token of the dashboard backend whose roles cover the tenant in the path
 * - `agent`: an agent key
 * - `anyone`: no authentication; the handler reveals nothing that needs any
 */
export type Caller = 'dashboard' | 'agent' | 'anyone';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `host.json`'s prefix `api`. */
  readonly path: string;
  readonly caller: Caller;
}

/**
 * Every HTTP function, and who may call it: the one place that says so. The key is the function's name and the name of
 * its file in `functions/`. A function that is not listed here cannot be registered.
 */
export const routes = {
  'connect-start': { method: 'POST', path: 'tenants/{tenantId}/confluence/connect', caller: 'dashboard' },
  'connect-callback': { method: 'GET', path: 'confluence/callback', caller: 'anyone' },
  'connect-complete': { method: 'POST', path: 'tenants/{tenantId}/confluence/connect/complete', caller: 'dashboard' },
  'connection-get': { method: 'GET', path: 'tenants/{tenantId}/confluence', caller: 'dashboard' },
  'connection-delete': { method: 'DELETE', path: 'tenants/{tenantId}/confluence', caller: 'dashboard' },
  'site-put': { method: 'PUT', path: 'tenants/{tenantId}/confluence/site', caller: 'dashboard' },
  'spaces-get': { method: 'GET', path: 'tenants/{tenantId}/confluence/spaces', caller: 'dashboard' },
  'spaces-put': { method: 'PUT', path: 'tenants/{tenantId}/confluence/spaces', caller: 'dashboard' },
  'sync-post': { method: 'POST', path: 'tenants/{tenantId}/confluence/sync', caller: 'dashboard' },
  'runs-get': { method: 'GET', path: 'tenants/{tenantId}/confluence/runs', caller: 'dashboard' },
  'search-get': { method: 'GET', path: 'tenants/{tenantId}/confluence/search', caller: 'dashboard' },
  'page-get': { method: 'GET', path: 'tenants/{tenantId}/confluence/pages/{pageId}', caller: 'dashboard' },
  'agent-get': { method: 'GET', path: 'tenants/{tenantId}/agents/{agentId}/confluence-tool', caller: 'dashboard' },
  'agent-put': { method: 'PUT', path: 'tenants/{tenantId}/agents/{agentId}/confluence-tool', caller: 'dashboard' },
  'agent-delete': {
    method: 'DELETE',
    path: 'tenants/{tenantId}/agents/{agentId}/confluence-tool',
    caller: 'dashboard',
  },
  'agent-key-post': {
    method: 'POST',
    path: 'tenants/{tenantId}/agents/{agentId}/confluence-tool/keys',
    caller: 'dashboard',
  },
  'tool-list': { method: 'GET', path: 'confluence/tool', caller: 'agent' },
  'tool-call': { method: 'POST', path: 'confluence/tool/{operation}', caller: 'agent' },
  'mcp-post': { method: 'POST', path: 'confluence/mcp', caller: 'agent' },
  'mcp-get': { method: 'GET', path: 'confluence/mcp', caller: 'anyone' },
  'tile-get': { method: 'GET', path: 'confluence/tile.js', caller: 'anyone' },
  'health-get': { method: 'GET', path: 'health', caller: 'anyone' },
  'openapi-get': { method: 'GET', path: 'openapi.json', caller: 'anyone' },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
