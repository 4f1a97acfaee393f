import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAgent } from '../../shared/tool/agent-record.ts';
import { GROUPS, groupsWith } from '../../shared/tool/groups.ts';
import { startStand } from './stand.ts';

const stand = await startStand({ AGENT_CALLS_PER_MINUTE: '1000', AGENT_KEY_OVERLAP_HOURS: '24' });
await stand.connect('acme', 'acme');
await stand.connect('other', 'northwind');
const token = await stand.dashboardToken();
const at = (agentId: string, tenantId = 'acme') => `/api/tenants/${tenantId}/agents/${agentId}/confluence-tool`;
const newKey = async (agentId: string, body: object = {}) =>
  (await stand.request('POST', `${at(agentId)}/keys`, token, body)).body as {
    key: string;
    keyId: string;
    createdAt: string;
  };
const list = (key: string) => stand.request('GET', '/api/confluence/tool', key);

test('a profile or groups, exactly one, sets what an agent may do', async () => {
  const profile = await stand.request('PUT', at('a'), token, { profile: 'read_only' });
  assert.equal(profile.status, 200);
  assert.deepEqual(profile.body.groups, groupsWith(GROUPS));
  assert.equal(profile.body.profile, 'read_only');
  const groups = await stand.request('PUT', at('a'), token, { groups: { search: 'read_only', users: 'disabled' } });
  assert.deepEqual(groups.body.groups, groupsWith(['search']));
  assert.equal(groups.body.profile, 'search_only', 'the same groups are the same profile');
  assert.deepEqual((await stand.request('GET', at('a'), token)).body, groups.body);
  const none = await stand.request('PUT', at('a'), token, { groups: {} });
  assert.equal(none.body.profile, undefined);
  assert.deepEqual(none.body.groups, groupsWith([]));
});

test('what is not such a body is refused, each field by name', async () => {
  const bad = [
    {},
    { profile: 'read_only', groups: {} },
    { profile: 'write' },
    { groups: { pages: 'write' } },
    { groups: { admin: 'read_only' } },
    { profile: 'read_only', extra: 1 },
    [],
  ];
  for (const body of bad) {
    const answer = await stand.request('PUT', at('bad'), token, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.equal(answer.body.code, 'invalid_arguments');
  }
  assert.equal((await stand.request('GET', at('bad'), token)).status, 404);
});

test('an unknown agent is 404 agent_not_found, and deleting it changes nothing', async () => {
  assert.equal((await stand.request('GET', at('nobody'), token)).body.code, 'agent_not_found');
  assert.equal((await stand.request('POST', `${at('nobody')}/keys`, token, {})).body.code, 'agent_not_found');
  assert.equal((await stand.request('DELETE', at('nobody'), token)).status, 204);
});

test('a key is shown once and stored as a hash only', async () => {
  await stand.request('PUT', at('b'), token, { profile: 'read_only' });
  const { key, keyId, createdAt } = await newKey('b');
  assert.ok(Date.parse(createdAt) > 0);
  const stored = await readAgent(stand.deps, 'acme', 'b');
  const secret = key.split('.').at(-1) ?? '';
  assert.ok(stored?.item.keys[keyId]);
  assert.ok(!JSON.stringify(stored.item).includes(secret));
  const view = await stand.request('GET', at('b'), token);
  assert.ok(!JSON.stringify(view.body).includes(stored.item.keys[keyId].hash));
  assert.equal((view.body.keys as { keyId: string }[])[0]?.keyId, keyId);
  assert.equal((await list(key)).status, 200);
});

test('the former key works on until its overlap is over; revokeOthers ends it at once', async () => {
  await stand.request('PUT', at('c'), token, { profile: 'read_only' });
  const first = await newKey('c');
  const second = await newKey('c');
  assert.equal((await list(first.key)).status, 200);
  assert.equal((await list(second.key)).status, 200);
  const keys = (await stand.request('GET', at('c'), token)).body.keys as { keyId: string; expiresAt?: string }[];
  const hours = (Date.parse(keys.find(({ keyId }) => keyId === first.keyId)?.expiresAt ?? '') - Date.now()) / 3_600_000;
  assert.ok(hours > 23.9 && hours <= 24);
  assert.equal(keys.find(({ keyId }) => keyId === second.keyId)?.expiresAt, undefined);
  await stand.deps.control
    .item('agent:c', 'acme')
    .patch([{ op: 'set', path: `/keys/${first.keyId}/expiresAt`, value: new Date(Date.now() - 1).toISOString() }]);
  assert.equal((await list(first.key)).status, 401);
  const third = await newKey('c', { revokeOthers: true });
  assert.equal((await list(second.key)).status, 401);
  assert.equal((await list(third.key)).status, 200);
});

test('deleting the agent ends its keys, and a key of another tenant opens nothing here', async () => {
  await stand.request('PUT', at('d'), token, { profile: 'read_only' });
  const { key } = await newKey('d');
  assert.equal((await stand.request('DELETE', at('d'), token)).status, 204);
  assert.equal((await list(key)).status, 401);
  const mine = await stand.agent('acme', 'same', GROUPS);
  const theirs = await stand.agent('other', 'same', GROUPS);
  const [, mineAgent, mineId, mineSecret] = mine.split('.');
  const [theirTenant] = theirs.split('.');
  const forged = `${theirTenant}.${mineAgent}.${mineId}.${mineSecret}`;
  assert.equal((await list(forged)).status, 401);
  await stand.arrived();
  await stand.call(theirs, 'confluence_list_spaces');
  const { cloudId } = stand.sites.northwind ?? {};
  assert.ok((await stand.arrived()).every(({ path }) => path.includes(`${cloudId}`)));
});

test('what is not exactly a key is 401, over HTTP and MCP', async () => {
  const key = await stand.agent('acme', 'e', GROUPS);
  const [head, agent, keyId, secret = ''] = key.split('.');
  const flipped = `${secret.slice(0, -2)}${secret.at(-2) === 'A' ? 'B' : 'A'}${secret.at(-1)}`;
  const bad = [
    '',
    'x',
    'cfn_',
    'cfn_..',
    key.slice(0, -1),
    `${key}x`,
    key.toUpperCase(),
    ` ${key}`.replace(' ', '%20'),
    `${head}.${agent}.${keyId}.${flipped}`,
    `${head}.${agent}.0000000000000000.${secret}`,
    `${head}.${agent}.__proto__.${secret}`,
    `${head}=.${agent}.${keyId}.${secret}`,
    `cfn_X2FwcA.${agent}.${keyId}.${secret}`,
    // Decodes to the same tenant, but is not how a key is written.
    `cfn_YWNtZR.${agent}.${keyId}.${secret}`,
    `${head}.${agent}.${keyId}`,
    await stand.dashboardToken(),
    'x'.repeat(5_000),
  ];
  for (const value of bad) {
    assert.equal((await list(value)).status, 401, value);
    const mcp = await stand.request('POST', '/api/confluence/mcp', value, {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/list',
    });
    assert.equal(mcp.status, 401, value);
    assert.equal(mcp.headers.get('www-authenticate'), 'Bearer');
  }
  assert.equal((await stand.request('GET', '/api/confluence/tool', undefined)).status, 401);
});

test('agent keys open no route of the dashboard', async () => {
  const key = await stand.agent('acme', 'f', GROUPS);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    assert.equal(
      (await stand.request(method, at('f'), key, method === 'PUT' ? { profile: 'read_only' } : undefined)).status,
      401,
    );
  }
});

test('the last use is noted, at most once an hour', async () => {
  const key = await stand.agent('acme', 'g', GROUPS);
  const lastUsed = async () =>
    Object.values((await readAgent(stand.deps, 'acme', 'g'))?.item.keys ?? {})[0]?.lastUsedAt;
  assert.equal(await lastUsed(), undefined);
  await Promise.all([list(key), list(key), list(key)]);
  const first = await lastUsed();
  assert.ok(first);
  await list(key);
  assert.equal(await lastUsed(), first);
});

test('a change works on the next call, listed and called alike', async () => {
  const key = await stand.agent('acme', 'h', ['search']);
  const names = async () => ((await list(key)).body.operations as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(await names(), ['confluence_search_index', 'confluence_search', 'confluence_request']);
  assert.equal((await stand.call(key, 'confluence_list_spaces')).body.code, 'group_disabled');
  await stand.request('PUT', at('h'), token, { groups: { spaces: 'read_only' } });
  assert.deepEqual(await names(), ['confluence_list_spaces', 'confluence_get_space', 'confluence_request']);
  assert.equal((await stand.call(key, 'confluence_list_spaces')).status, 200);
  const refused = await stand.call(key, 'confluence_search', { query: 'a' });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.group, 'search');
  await stand.request('PUT', at('h'), token, { groups: { users: 'read_only' } });
  assert.deepEqual(await names(), ['confluence_get_users']);
});

test('agents and keys survive a disconnect, and answer 409 meanwhile', async () => {
  const key = await stand.agent('acme', 'i', GROUPS);
  await stand.connect('acme', 'acme', { status: 'disconnected' });
  assert.equal((await list(key)).status, 200);
  const call = await stand.call(key, 'confluence_search_index', { query: 'vpn' });
  assert.equal(call.status, 409);
  assert.equal(call.body.code, 'not_connected');
  await stand.connect('acme', 'acme', { status: 'reconnect_required', reason: 'revoked' });
  assert.equal((await stand.call(key, 'confluence_list_spaces')).body.code, 'reconnect_required');
  await stand.connect('acme', 'acme');
  assert.equal((await stand.call(key, 'confluence_list_spaces')).status, 200);
});
