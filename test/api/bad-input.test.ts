import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueClient } from '@azure/storage-queue';
import { azuriteConnectionString } from '../../local/azurite/server.ts';
import { eventually, newTenantId, stack } from '../support/stack.ts';

interface Problem {
  status: number;
  code: string;
  detail: string;
  traceId: string;
  fields?: { field: string; problem: string }[];
}

async function problem(response: Response, status: number, code: string): Promise<Problem> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const body = JSON.parse(text) as Problem;
  assert.equal(body.code, code);
  assert.ok(body.detail.length > 10);
  assert.match(body.traceId, /^[0-9a-f]{32}$/);
  return body;
}

test('ids that are not ids are refused with 400, encoded ones too', async () => {
  const { dashboard } = stack();
  for (const id of ['_app', 'a%2Fb', 'a%252Fb', 'a%20b', 'x'.repeat(65), 'a%00b', '%2e%2e%2Fx', 'ä']) {
    const body = await problem(await dashboard(`/api/tenants/${id}/confluence`), 400, 'invalid_arguments');
    assert.equal(body.fields?.[0]?.field, 'tenantId', id);
  }
  const agent = await dashboard(`/api/tenants/${newTenantId()}/agents/_x/confluence-tool`);
  assert.equal((await problem(agent, 400, 'invalid_arguments')).fields?.[0]?.field, 'agentId');
});

test('a body that is not JSON, or has unknown fields, is refused naming each', async () => {
  const { dashboard } = stack();
  const path = `/api/tenants/${newTenantId()}/confluence/site`;
  const notJson = await fetch(`${stack().functionsUrl}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${stack().dashboardToken}` },
    body: '{',
  });
  await problem(notJson, 400, 'invalid_arguments');
  const unknown = await dashboard(path, { method: 'PUT', json: { cloudId: 'x', cloudid: 'y', more: 1 } });
  const { fields } = await problem(unknown, 400, 'invalid_arguments');
  assert.deepEqual(
    fields?.map(({ field }) => field),
    ['cloudid', 'more'],
  );
});

test('a tenant that was never connected is disconnected, has no runs, and nothing to search', async () => {
  const { dashboard } = stack();
  const base = `/api/tenants/${newTenantId()}/confluence`;
  assert.deepEqual(await (await dashboard(base)).json(), { status: 'disconnected' });
  assert.deepEqual(await (await dashboard(`${base}/runs`)).json(), { runs: [] });
  await problem(await dashboard(`${base}/search?q=x`), 409, 'not_connected');
  await problem(await dashboard(`${base}/pages/1`), 409, 'not_connected');
  await problem(await dashboard(`${base}/sync`, { json: {} }), 409, 'not_connected');
});

test('a known parameter with a wrong value is refused, an unknown one ignored', async () => {
  const { dashboard } = stack();
  const base = `/api/tenants/${newTenantId()}/confluence`;
  await problem(await dashboard(`${base}/runs?limit=many`), 400, 'invalid_arguments');
  await problem(await dashboard(`${base}?index=erase`, { method: 'DELETE' }), 400, 'invalid_arguments');
  assert.equal((await dashboard(`${base}/runs?colour=blue`)).status, 200);
});

test('a caller without a token, or with one that covers another tenant, is refused', async () => {
  const { functionsUrl, token } = stack();
  const url = `${functionsUrl}/api/tenants/mine/confluence`;
  const anonymous = await fetch(url);
  assert.equal(anonymous.headers.get('www-authenticate'), 'Bearer');
  await problem(anonymous, 401, 'unauthorized');
  const other = await token({ roles: ['Confluence.Manage'], tenants: ['theirs'] });
  await problem(await fetch(url, { headers: { authorization: `Bearer ${other}` } }), 403, 'forbidden');
  const mine = await token({ roles: ['Confluence.Manage'], tenants: ['mine'] });
  assert.equal((await fetch(url, { headers: { authorization: `Bearer ${mine}` } })).status, 200);
});

test('a queue message that does not parse goes to the poison queue and stays visible there', async () => {
  const { queueUrl = '' } = stack();
  const connection = azuriteConnectionString({ queueUrl, blobUrl: queueUrl });
  const text = Buffer.from(JSON.stringify({ kind: 'nonsense', mark: newTenantId() })).toString('base64');
  await new QueueClient(connection, 'confluence-sync').sendMessage(text);
  const poison = new QueueClient(connection, 'confluence-sync-poison');
  const isThere = async () => {
    const { peekedMessageItems } = await poison.peekMessages({ numberOfMessages: 32 });
    assert.ok(peekedMessageItems.some(({ messageText }) => messageText === text));
  };
  await eventually(isThere, { timeoutMs: 30_000 });
  // The timer looks after the poison queue; it must leave this one to a person.
  await stack().dashboard('/admin/functions/sync-timer?wait=true', { json: { input: '' } });
  await eventually(isThere, { timeoutMs: 10_000 });
});
