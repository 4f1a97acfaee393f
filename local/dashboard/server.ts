import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono, type Next } from 'hono';
import { listen, type Part } from '../part.ts';
import { type ConfluenceApi, createConfluenceApi } from './confluence-api.ts';
import { consumeNotices, type Notices } from './notices.ts';
import { renderPage } from './page.ts';
import { createSessions, type Sessions } from './sessions.ts';

export interface DashboardOptions {
  /** 0 picks a free port. */
  readonly port: number;
  readonly functionsUrl: string;
  readonly issuerUrl: string;
  /** Where `confluence-events` is; without it the page shows no notices. */
  readonly storageConnectionString?: string;
}

/** The calls that the tile makes, and no others: the backend's token can do more than this page needs. */
const PASSED_ON: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/confluence'],
  ['DELETE', '/confluence'],
  ['POST', '/confluence/connect'],
  ['POST', '/confluence/connect/complete'],
  ['PUT', '/confluence/site'],
  ['POST', '/confluence/sync'],
  ['GET', '/confluence/runs'],
  ['GET', '/confluence/spaces'],
  ['PUT', '/confluence/spaces'],
  ['GET', '/confluence/search'],
  ['GET', '/agents/:agentId/confluence-tool'],
  ['PUT', '/agents/:agentId/confluence-tool'],
  ['DELETE', '/agents/:agentId/confluence-tool'],
  ['POST', '/agents/:agentId/confluence-tool/keys'],
];

/** The agents of every tenant; a real dashboard has them in its database. */
const AGENTS = [
  { id: 'service-desk', name: 'Service Desk Agent' },
  { id: 'onboarding', name: 'Onboarding Agent' },
];

const DEFAULT_TENANT = 'acme';
/** Not dots alone: in a path those lead elsewhere. */
const TENANT_ID = /^(?!\.+$)[A-Za-z0-9.-][A-Za-z0-9._-]{0,63}$/;

interface Dashboard {
  readonly api: ConfluenceApi;
  readonly sessions: Sessions;
  readonly notices: Notices | undefined;
  readonly functionsUrl: string;
}

/** A dashboard with the Confluence tile: a page, a session, and a backend that calls the API for it. */
export async function startDashboard(options: DashboardOptions): Promise<Part> {
  const { port, functionsUrl, issuerUrl, storageConnectionString } = options;
  const notices = storageConnectionString ? consumeNotices(storageConnectionString) : undefined;
  const api = createConfluenceApi({ functionsUrl, issuerUrl });
  const app = createApp({ api, sessions: createSessions(), notices, functionsUrl });
  return listen(getRequestListener(app.fetch), { port, onClose: () => notices?.stop() });
}

function createApp(dashboard: Dashboard): Hono {
  const { api, sessions, notices, functionsUrl } = dashboard;
  const app = new Hono();
  app.use(securityHeaders(new URL(functionsUrl).origin));
  app.use(sameOriginOnly);

  app.get('/', (c) => {
    const tenantId = c.req.query('tenant') ?? sessions.lastTenant(c) ?? DEFAULT_TENANT;
    if (!TENANT_ID.test(tenantId)) return c.text('A tenant id has 1 to 64 of A-Z a-z 0-9 . _ -', 400);
    sessions.signIn(c, tenantId);
    return c.html(renderPage({ tenantId, tileUrl: `${functionsUrl}/api/confluence/tile.js` }));
  });
  for (const [file, type] of [
    ['dashboard.js', 'text/javascript'],
    ['dashboard.css', 'text/css'],
  ] as const) {
    const text = readFileSync(join(import.meta.dirname, 'public', file), 'utf8');
    app.get(`/${file}`, (c) => c.body(text, 200, { 'content-type': `${type}; charset=utf-8` }));
  }

  app.use('/tenants/:tenantId/*', async (c, next) => {
    if (sessions.isSignedIn(c, c.req.param('tenantId'))) return next();
    return problem(c, 401, 'not_signed_in', 'Your session in this dashboard has ended. Reload the page.');
  });
  app.get('/tenants/:tenantId/agents', (c) => c.json({ agents: AGENTS }));
  app.get('/tenants/:tenantId/notices', (c) => c.json({ notices: notices?.of(c.req.param('tenantId')) ?? [] }));
  for (const [method, path] of PASSED_ON) app.on(method, `/tenants/:tenantId${path}`, (c) => passOn(api, c, path));
  app.notFound((c) => problem(c, 404, 'not_found', `This dashboard has no ${c.req.method} ${c.req.path}.`));
  return app;
}

/**
 * Passes a call of the page on to the API, and the API's answer, problems included, back to the page. The path is made of
 * the parts that were checked, never copied from the address, which can spell the same tenant in many ways.
 */
async function passOn(api: ConfluenceApi, c: Context, pattern: string): Promise<Response> {
  const { tenantId = '', agentId = '' } = c.req.param() as { tenantId?: string; agentId?: string };
  const path = pattern.replace(':agentId', encodeURIComponent(agentId));
  const { search } = new URL(c.req.url);
  const json = c.req.method === 'GET' || c.req.method === 'DELETE' ? undefined : await c.req.text();
  const answer = await api.call(tenantId, c.req.method, path + search, json);
  const headers = new Headers();
  for (const name of ['content-type', 'retry-after']) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}

/**
 * Against forged requests: what changes something must come from a page of this very origin, and every request must
 * name this machine, or a stranger's domain could be pointed at it.
 */
async function sameOriginOnly(c: Context, next: Next) {
  const url = new URL(c.req.url);
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
  // The consent window posts to one origin only, so the page has to be at that one.
  if (url.hostname === 'localhost' && isRead) return c.redirect(url.href.replace('//localhost', '//127.0.0.1'));
  if (url.hostname !== '127.0.0.1')
    return problem(c, 403, 'wrong_host', `Open this dashboard at http://127.0.0.1:${url.port}.`);
  if (!isRead && !isSameOrigin(c, url.origin))
    return problem(c, 403, 'cross_origin', 'This request did not come from the dashboard.');
  return next();
}

/** By the browser's own word, which no page can forge; `Origin` for browsers that do not give it. */
function isSameOrigin(c: Context, origin: string): boolean {
  const site = c.req.header('sec-fetch-site');
  return site === undefined ? c.req.header('origin') === origin : site === 'same-origin';
}

function securityHeaders(functionsOrigin: string) {
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${functionsOrigin}`,
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
  return async (c: Context, next: Next) => {
    await next();
    c.header('content-security-policy', policy);
    // The consent window must keep its way back to this page.
    c.header('cross-origin-opener-policy', 'same-origin-allow-popups');
    c.header('referrer-policy', 'same-origin');
    c.header('x-content-type-options', 'nosniff');
    c.header('cache-control', 'no-store');
  };
}

function problem(c: Context, status: 400 | 401 | 403 | 404, code: string, detail: string): Response {
  return c.body(JSON.stringify({ title: code, status, code, detail }), status, {
    'content-type': 'application/problem+json',
  });
}
