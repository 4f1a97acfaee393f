import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUPS } from '../../shared/tool/groups.ts';
import { startStand } from './stand.ts';

const stand = await startStand();
await stand.connect('acme', 'acme');
const reader = await stand.agent('acme', 'reader', GROUPS);
const searcher = await stand.agent('acme', 'searcher', ['search']);

const listSpaces = { name: 'confluence_list_spaces', arguments: {} };
const message = (id: number, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params });

interface Reply {
  readonly status: number;
  readonly json: unknown;
}

async function send(key: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(`${stand.url}/api/confluence/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

test('a client that names no accepted type and no version is served', async () => {
  const { status, json } = await send(reader, message(1, 'tools/list'));
  assert.equal(status, 200);
  assert.equal((json as { result: { tools: unknown[] } }).result.tools.length, 15);
});

test('a message that is none is refused, and nothing is asked of Confluence', async () => {
  await stand.arrived();
  for (const [body, headers, status] of [
    ['{', {}, 400],
    ['null', {}, 400],
    [{ jsonrpc: '1.0', id: 1, method: 'tools/list' }, {}, 400],
    [message(1, 'tools/list'), { 'content-type': 'text/plain' }, 415],
    [message(1, 'tools/list'), { 'mcp-protocol-version': '1999-01-01' }, 400],
    [message(1, 'tools/call', { name: 'x'.repeat(5_000_000) }), {}, 413],
  ] as const) {
    assert.equal((await send(reader, body, headers)).status, status, JSON.stringify(body).slice(0, 80));
  }
  for (const method of ['tools/delete', '__proto__', 'resources/list', 'logging/setLevel', 'sampling/createMessage']) {
    const { json } = await send(reader, message(1, method));
    assert.equal((json as { error?: { code: number } }).error?.code, -32601, method);
  }
  assert.deepEqual(await stand.arrived(), []);
});

test('a tool that is not listed is refused when called all the same', async () => {
  await stand.arrived();
  const { json } = await send(searcher, message(1, 'tools/call', listSpaces));
  const { result } = json as { result: { isError: boolean; content: [{ text: string }] } };
  assert.equal(result.isError, true);
  assert.equal(JSON.parse(result.content[0].text).code, 'group_disabled');
  assert.deepEqual(await stand.arrived(), []);
});

test('each call of a batch is a call, and each is checked', async () => {
  const denied = { name: 'confluence_list_pages', arguments: {} };
  const search = { name: 'confluence_search', arguments: { query: 'vpn', limit: 1 } };
  const batch = [message(1, 'tools/call', search), message(2, 'tools/call', denied)];
  const { json } = await send(searcher, batch, { 'mcp-protocol-version': '2025-03-26' });
  const replies = json as { id: number; result: { isError?: boolean } }[];
  assert.deepEqual(
    replies.sort((a, b) => a.id - b.id).map(({ id, result }) => [id, result.isError ?? false]),
    [
      [1, false],
      [2, true],
    ],
  );
});

test('a call that its own batch cancels is answered and holds nothing open', async () => {
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  const answered = send(reader, [message(1, 'tools/call', listSpaces), cancel]);
  const late = AbortSignal.timeout(10_000);
  const hanging = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error('it is still open')));
  });
  assert.equal((await Promise.race([answered, hanging])).status, 200);
});
