import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFields } from '../../shared/platform/log.ts';
import type { AgentCaller } from '../../shared/tool/agent-caller.ts';
import { callOperation } from '../../shared/tool/call.ts';
import type * as callLimit from '../../shared/tool/call-limit.ts';
import { GROUPS, groupsWith } from '../../shared/tool/groups.ts';
import { startStand } from './stand.ts';

const stand = await startStand({ AGENT_CALLS_PER_MINUTE: '40' });
await stand.connect('acme', 'acme');

/** Calls in this process with a log that is kept. */
async function audited(groups: AgentCaller['groups'], operation: string, args: unknown, tenantId = 'acme') {
  const lines: { event: string; fields: LogFields }[] = [];
  const keep = (event: string, fields: LogFields = {}) => lines.push({ event, fields });
  const deps = { ...stand.deps, log: { debug: keep, info: keep, warn: keep, error: keep } };
  const agent = { tenantId, agentId: 'audited', keyId: 'k1', groups };
  const call = { agent, operation, args: async () => args, transport: 'http', traceId: 'trace' } as const;
  const result = await callOperation(deps, call).catch((error: unknown) => error);
  return { result, lines: lines.filter(({ event }) => event === 'tool_call').map(({ fields }) => fields) };
}

test('every call leaves one line without arguments or content, whatever becomes of it', async () => {
  const all = groupsWith(GROUPS);
  const cases = [
    { groups: all, operation: 'confluence_list_spaces', args: {}, outcome: 'ok', requests: 1 },
    { groups: all, operation: 'confluence_search', args: { query: 'globalprotect' }, outcome: 'ok', requests: 1 },
    {
      groups: all,
      operation: 'confluence_get_page',
      args: { pageId: '1', fields: [] },
      outcome: 'not_found_or_no_permission',
      requests: 1,
    },
    {
      groups: all,
      operation: 'confluence_get_page',
      args: { globalprotect: 1 },
      outcome: 'invalid_arguments',
      requests: 0,
    },
    {
      groups: groupsWith(['search']),
      operation: 'confluence_list_pages',
      args: {},
      outcome: 'group_disabled',
      requests: 0,
    },
    { groups: all, operation: 'globalprotect', args: {}, outcome: 'unknown_operation', requests: 0 },
    {
      groups: all,
      operation: 'confluence_list_spaces',
      args: {},
      outcome: 'not_connected',
      requests: 0,
      tenantId: 'nobody',
    },
  ];
  for (const { groups, operation, args, outcome, requests, tenantId = 'acme' } of cases) {
    const { lines } = await audited(groups, operation, args, tenantId);
    assert.equal(lines.length, 1);
    const [line = {}] = lines;
    assert.deepEqual(
      {
        tenantId: line.tenantId,
        agentId: line.agentId,
        keyId: line.keyId,
        transport: line.transport,
        traceId: line.traceId,
      },
      { tenantId, agentId: 'audited', keyId: 'k1', transport: 'http', traceId: 'trace' },
    );
    assert.equal(line.outcome, outcome);
    assert.equal(line.requests, requests);
    assert.equal(line.operation, outcome === 'unknown_operation' ? 'unknown' : operation);
    assert.ok(typeof line.durationMs === 'number' && typeof line.points === 'number');
    assert.ok(requests === 0 || Number(line.points) > 0);
    assert.ok(!/globalprotect/i.test(JSON.stringify(line)), 'nothing that was asked or found');
  }
});

test('a call that is refused counts as well', async () => {
  const attempt = () => audited(groupsWith([]), 'confluence_get_page', {}, 'counting');
  const { lines } = await attempt();
  assert.equal(lines[0]?.outcome, 'group_disabled');
  for (let calls = 1; calls < 80; calls++) await attempt();
  const { lines: last } = await attempt();
  assert.equal(last[0]?.outcome, 'rate_limited');
});

test('calls are counted over all processes together', async () => {
  // Two instances of the module share nothing but the database, as two processes do.
  const instance = (name: string) => import(new URL(`../../shared/tool/call-limit.ts?${name}`, import.meta.url).href);
  const [one, two]: (typeof callLimit)[] = await Promise.all([instance('one'), instance('two')]);
  assert.notEqual(one?.admitCall, two?.admitCall);
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000 + 10_000);
  const deps = { ...stand.deps, now: () => now };
  const agent = { tenantId: 'acme', agentId: 'shared', keyId: 'k', groups: groupsWith([]) };
  const attempts = Array.from({ length: 60 }, (_, index) => (index % 2 ? one : two)?.admitCall(deps, agent));
  const outcomes = await Promise.allSettled(attempts);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 40);
  await assert.rejects(async () => one?.admitCall(deps, agent), { code: 'rate_limited', retryAfterSeconds: 50 });
  const nextMinute = { ...deps, now: () => new Date(now.getTime() + 50_000) };
  await one?.admitCall(nextMinute, agent);
});

test('a process that takes several calls at a time lets in exactly the limit, however many come at once', async () => {
  const { admitCall }: typeof callLimit = await import(
    new URL('../../shared/tool/call-limit.ts?three', import.meta.url).href
  );
  const settings = { ...stand.deps.settings, AGENT_CALLS_PER_MINUTE: 125 };
  const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const agent = { tenantId: 'acme', agentId: 'busy', keyId: 'k', groups: groupsWith([]) };
  const attempt = () => admitCall({ ...stand.deps, settings, now: () => now }, agent);
  const outcomes = await Promise.allSettled(Array.from({ length: 200 }, attempt));
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 125);
});
