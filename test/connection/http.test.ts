import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { routes } from '../../shared/platform/routes.ts';
import { callbackMessage, simulator } from '../support/connect.ts';
import { newTenantId, stack, type TestStack } from '../support/stack.ts';

let app: TestStack;
before(() => {
  app = stack();
});

interface Site {
  cloudId: string;
  name: string;
  url: string;
}

interface View {
  status: string;
  reason?: string;
  site?: Site;
  sites?: Site[];
  pending?: { sites: Site[] };
  code?: string;
}

async function call(tenantId: string, method: string, path = '', json?: unknown): Promise<View & { http: number }> {
  const response = await app.dashboard(`/api/tenants/${tenantId}/confluence${path}`, { method, json });
  return { ...((await response.json()) as View), http: response.status };
}

async function personWithSites(count: number): Promise<{ accountId: string; sites: Site[] }> {
  const accountId = `712020:${newTenantId()}`;
  await simulator(app, 'POST', 'accounts', { accountId, displayName: 'Pat', email: 'pat@acme.example' });
  const sites: Site[] = [];
  for (let n = 0; n < count; n += 1) {
    sites.push(
      await simulator<Site>(app, 'POST', 'sites', { name: newTenantId(), seed: 1, pages: 2, accounts: [accountId] }),
    );
  }
  return { accountId, sites };
}

/** Consent in the browser's place; gives the callback's answer. */
async function consent(tenantId: string, accountId: string, sites: readonly Site[], accept = true): Promise<Response> {
  const start = await call(tenantId, 'POST', '/connect', {});
  assert.equal(start.http, 201);
  const { authorizeUrl } = start as unknown as { authorizeUrl: string };
  const cloudIds = sites.map(({ cloudId }) => cloudId);
  const { location } = await simulator<{ location: string }>(app, 'POST', 'consent', {
    authorizeUrl,
    accountId,
    cloudIds,
    accept,
  });
  return fetch(location);
}

async function connect(tenantId: string, accountId: string, sites: readonly Site[]) {
  const { completion } = callbackMessage(await (await consent(tenantId, accountId, sites)).text());
  return call(tenantId, 'POST', '/connect/complete', { completion });
}

test('connect, pick a site, switch it while connected, and disconnect, all over HTTP', async () => {
  const tenantId = newTenantId();
  const { accountId, sites } = await personWithSites(2);
  const [first, second] = sites;
  assert.ok(first && second);
  assert.deepEqual(await call(tenantId, 'GET'), { status: 'disconnected', http: 200 });
  assert.equal((await connect(tenantId, accountId, sites)).status, 'choosing_site');
  assert.equal((await call(tenantId, 'PUT', '/site', { cloudId: 'elsewhere' })).code, 'site_not_available');
  const picked = await call(tenantId, 'PUT', '/site', { cloudId: first.cloudId });
  assert.deepEqual([picked.http, picked.status, picked.site?.cloudId], [200, 'connected', first.cloudId]);
  const switched = await call(tenantId, 'PUT', '/site', { cloudId: second.cloudId });
  assert.deepEqual([switched.status, switched.site?.cloudId], ['connected', second.cloudId]);
  const gone = await call(tenantId, 'DELETE', '?index=delete');
  assert.deepEqual([gone.http, gone.status, gone.site], [200, 'disconnected', undefined]);
  assert.equal((await call(tenantId, 'DELETE')).http, 200);
  assert.equal((await call(tenantId, 'PUT', '/site', { cloudId: first.cloudId })).code, 'not_connected');
});

test('the callback page tells how it went and carries its headers through the host', async () => {
  const tenantId = newTenantId();
  const { accountId, sites } = await personWithSites(1);
  const granted = await consent(tenantId, accountId, sites);
  assert.equal(granted.status, 200);
  assert.match(granted.headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'nonce-/);
  assert.equal(granted.headers.get('cache-control'), 'no-store');
  assert.equal(granted.headers.get('referrer-policy'), 'no-referrer');
  const used = await fetch(granted.url);
  assert.deepEqual(
    [used.status, callbackMessage(await used.text())],
    [400, { type: 'confluence', status: 'invalid_state' }],
  );
  const denied = await consent(tenantId, accountId, sites, false);
  assert.deepEqual(callbackMessage(await denied.text()), { type: 'confluence', status: 'denied' });
});

test('bad input is refused by name and changes nothing', async () => {
  const tenantId = newTenantId();
  const bad: [string, string, unknown][] = [
    ['POST', '/connect', { surprise: 1 }],
    ['POST', '/connect/complete', {}],
    ['POST', '/connect/complete', { completion: 7 }],
    ['PUT', '/site', { cloudId: '' }],
    ['PUT', '/site', { cloudId: 'a', extra: true }],
    ['DELETE', '?index=keep', undefined],
  ];
  for (const [method, path, body] of bad) {
    const answer = await call(tenantId, method, path, body);
    assert.deepEqual([answer.http, answer.code], [400, 'invalid_arguments'], `${method} ${path}`);
  }
  assert.equal((await call(tenantId, 'POST', '/connect/complete', { completion: 'x' })).code, 'completion_invalid');
});

test('every dashboard route checks the token first, then the tenant id, then whether the token covers it', async () => {
  const dashboardRoutes = Object.entries(routes).filter(([, { caller }]) => caller === 'dashboard');
  const other = await app.token({ roles: ['Confluence.Manage'], tenants: ['another'] });
  const none = await app.token({ roles: ['Confluence.Manage'] });
  for (const [name, { method, path }] of dashboardRoutes) {
    const at = (tenantId: string, authorization?: string) =>
      fetch(`${app.functionsUrl}/api/${path.replace('{tenantId}', tenantId).replace(/\{\w+\}/g, 'x')}`, {
        method,
        headers: authorization ? { authorization } : {},
      });
    assert.equal((await at('%2F')).status, 401, name);
    assert.equal((await at('t')).status, 401, name);
    assert.equal((await at('t', 'Bearer x')).status, 401, name);
    assert.equal((await at('%2F', `Bearer ${other}`)).status, 400, name);
    assert.equal((await at('_app', `Bearer ${other}`)).status, 400, name);
    assert.equal((await at('t', `Bearer ${other}`)).status, 403, name);
    assert.equal((await at('another', `Bearer ${none}`)).status, 403, name);
  }
});

test('agent routes refuse a dashboard token, and dashboard routes an agent key', async () => {
  for (const [name, { method, path, caller }] of Object.entries(routes)) {
    if (caller !== 'agent') continue;
    const response = await fetch(`${app.functionsUrl}/api/${path.replace(/\{\w+\}/g, 'x')}`, {
      method,
      headers: { authorization: `Bearer ${app.dashboardToken}` },
    });
    assert.equal(response.status, 401, name);
  }
});
