import assert from 'node:assert/strict';
import { eventually } from './eventually.ts';
import { newTenantId, stack, type TestStack } from './stack.ts';

export interface ConnectedTenant {
  readonly tenantId: string;
  readonly cloudId: string;
  readonly accountId: string;
}

/** Calls a control route of the simulator. */
export async function simulator<T>(at: TestStack, method: string, path: string, json?: unknown): Promise<T> {
  const response = await fetch(`${at.atlassianUrl}/_simulator/${path}`, {
    method,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/**
 * Connects a new tenant as a dashboard does, with the consent given at the simulator, and waits until the first sync
 * is done. Without a site of its own it takes the demo's knowledge base.
 */
export async function connectTenant(
  options: { at?: TestStack; tenantId?: string; cloudId?: string; accountId?: string; sync?: boolean } = {},
): Promise<ConnectedTenant> {
  const { at = stack(), tenantId = newTenantId(), sync = true } = options;
  const demo = await demoSite(at);
  const { cloudId, accountId } = { ...demo, ...options };
  const base = `/api/tenants/${tenantId}/confluence`;
  const start = await at.dashboard(`${base}/connect`, { json: {} });
  assert.equal(start.status, 201);
  const { authorizeUrl } = (await start.json()) as { authorizeUrl: string };
  const consent = { authorizeUrl, accountId, cloudIds: [cloudId] };
  const { location } = await simulator<{ location: string }>(at, 'POST', 'consent', consent);
  const { completion } = callbackMessage(await (await fetch(location)).text());
  const complete = await at.dashboard(`${base}/connect/complete`, { json: { completion } });
  assert.equal(complete.status, 200, await complete.clone().text());
  if (sync) await syncedOnce(at, tenantId);
  return { tenantId, cloudId, accountId };
}

/** What the callback page tells the dashboard. */
export function callbackMessage(html: string): { status: string; completion?: string } {
  const [, json = ''] = /<script[^>]*id="message"[^>]*>([^<]*)</.exec(html) ?? [];
  return JSON.parse(json) as { status: string; completion?: string };
}

async function demoSite(at: TestStack): Promise<{ cloudId: string; accountId: string }> {
  const { sites } = await simulator<{ sites: { name: string; cloudId: string }[] }>(at, 'GET', 'sites');
  const { accounts } = await simulator<{ accounts: { accountId: string }[] }>(at, 'GET', 'accounts');
  const cloudId = sites.find(({ name }) => name === 'acme')?.cloudId;
  const accountId = accounts[0]?.accountId;
  assert.ok(cloudId && accountId, 'the simulator has no demo site');
  return { cloudId, accountId };
}

async function syncedOnce(at: TestStack, tenantId: string): Promise<void> {
  await eventually(
    async () => {
      const view = await (await at.dashboard(`/api/tenants/${tenantId}/confluence`)).json();
      const { sync } = view as { sync?: { run?: object; lastRun?: { state: string } } };
      assert.equal(sync?.run, undefined, JSON.stringify(sync?.run));
      assert.equal(sync?.lastRun?.state, 'succeeded', JSON.stringify(sync));
    },
    { timeoutMs: 60_000 },
  );
}
