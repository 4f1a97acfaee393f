import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { eventually, type TestStack } from '../support/stack.ts';

/** Connects a tenant to a small site of its own, as a person and a dashboard would, and waits for its first sync. */
export async function connectAndSync(stack: TestStack, tenantId: string, pages = 12): Promise<{ cloudId: string }> {
  const simulator = async <T>(path: string, body: unknown): Promise<T> => {
    const response = await fetch(`${stack.atlassianUrl}/_simulator/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, `${path}: ${response.status}`);
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const accountId = `712020:${randomUUID()}`;
  await simulator('accounts', { accountId, displayName: 'Trace Person', email: 'trace@acme.example' });
  const name = `site-${randomUUID().slice(0, 8)}`;
  const { cloudId } = await simulator<{ cloudId: string }>('sites', { name, seed: 1, pages, accounts: [accountId] });

  const started = await stack.dashboard(`/api/tenants/${tenantId}/confluence/connect`, { json: {} });
  const { authorizeUrl } = (await started.json()) as { authorizeUrl: string };
  const consent = { authorizeUrl, accountId, cloudIds: [cloudId], accept: true };
  const { location } = await simulator<{ location: string }>('consent', consent);
  const page = await (await fetch(location)).text();
  const message = /<script type="application\/json" id="message">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  const { completion } = JSON.parse(message) as { completion: string };
  const completed = await stack.dashboard(`/api/tenants/${tenantId}/confluence/connect/complete`, {
    json: { completion },
  });
  assert.equal(completed.status, 200);
  await eventually(
    async () => {
      const runs = await stack.dashboard(`/api/tenants/${tenantId}/confluence/runs`);
      const { runs: list } = (await runs.json()) as { runs: { state: string }[] };
      assert.equal(list[0]?.state, 'succeeded');
    },
    { timeoutMs: 60_000 },
  );
  return { cloudId };
}
