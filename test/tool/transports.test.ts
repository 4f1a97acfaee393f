import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { GROUPS } from '../../shared/tool/groups.ts';
import { OPERATIONS } from '../../shared/tool/registry.ts';
import { type HttpAnswer, startStand } from './stand.ts';

const stand = await startStand();
await stand.connect('acme', 'acme');
await stand.index('acme');
const key = await stand.agent('acme', 'reader', GROUPS);
const client = await stand.mcp(key);

interface Definition {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  readonly inputSchema: Record<string, unknown>;
  readonly outputSchema: Record<string, unknown>;
}

const { operations } = (await stand.request('GET', '/api/confluence/tool', key)).body as {
  operations: Definition[];
};

interface Found {
  readonly results: { type: string; id: string; spaceKey: string }[];
}

const vpn = resultOf<Found>(await stand.call(key, 'confluence_search', { query: 'vpn', limit: 50 }));
const idOf = (type: string) => vpn.results.find((hit) => hit.type === type)?.id ?? '';
const page = idOf('page');
const post = idOf('blogpost');
const people = resultOf<{ author: { accountId: string } }>(
  await stand.call(key, 'confluence_get_page', { pageId: page }),
);
const files = resultOf<{ attachments: { id: string }[] }>(
  await stand.call(key, 'confluence_list_attachments', { pageId: page }),
);

/** At least one call of every operation. */
const CALLS: readonly (readonly [operation: string, args: Record<string, unknown>])[] = [
  ['confluence_search', { query: 'vpn', spaceKey: 'IT', modifiedAfter: '2020-01-01' }],
  ['confluence_search', { cql: 'title ~ "vpn" order by created desc', type: 'page', limit: 2 }],
  ['confluence_search_index', { query: 'vpn error' }],
  ['confluence_get_page', { pageId: page }],
  ['confluence_get_page', { pageId: page, bodyFormat: 'storage', maxChars: 200, offset: 100 }],
  ['confluence_get_page', { pageId: page, bodyFormat: 'atlas_doc_format', fields: ['body'] }],
  ['confluence_list_pages', { spaceKey: 'IT', limit: 5 }],
  ['confluence_list_pages', {}],
  ['confluence_get_page_children', { pageId: page }],
  ['confluence_get_page_children', { pageId: 'https://acme.atlassian.net/wiki/spaces/IT/overview', depth: 2 }],
  ['confluence_get_page_versions', { pageId: page }],
  ['confluence_get_labels', { pageId: page }],
  ['confluence_get_labels', {}],
  ['confluence_get_blogpost', { blogpostId: post }],
  ['confluence_list_blogposts', {}],
  ['confluence_list_spaces', {}],
  ['confluence_get_space', { spaceKey: 'IT' }],
  ['confluence_list_attachments', { pageId: page }],
  ['confluence_list_attachments', { blogpostId: post }],
  ['confluence_get_attachment', { attachmentId: files.attachments[0]?.id }],
  ['confluence_get_users', { accountIds: [people.author.accountId, 'no-such-account'] }],
  ['confluence_request', { path: `/wiki/api/v2/pages/${page}/versions`, query: { limit: 1 } }],
  ['confluence_request', { path: '/wiki/rest/api/search', query: { cql: 'type = page', limit: 2 } }],
];

test('every operation gives the same over HTTP and MCP, and what its output schema says', async (t) => {
  const ajv = new Ajv({ strict: false });
  for (const [operation, args] of CALLS) {
    await t.test(`${operation} ${JSON.stringify(args)}`, async () => {
      const http = await stand.call(key, operation, args);
      assert.equal(http.status, 200, JSON.stringify(http.body));
      const result = resultOf<Record<string, unknown>>(http);
      assert.equal(result.contentTrust, 'untrusted');
      const mcp = await client.callTool({ name: operation, arguments: args });
      assert.deepEqual(timeless(mcp.structuredContent), timeless(result));
      assert.deepEqual(timeless(JSON.parse((mcp.content as [{ text: string }])[0].text)), timeless(result));
      const { outputSchema } = operations.find(({ name }) => name === operation) ?? {};
      assert.ok(ajv.validate(outputSchema ?? false, result), ajv.errorsText());
    });
  }
});

test('the table of calls covers the registry', () => {
  assert.deepEqual(new Set(CALLS.map(([operation]) => operation)), new Set(OPERATIONS.map(({ name }) => name)));
});

test('the MCP list is the HTTP list, read-only by its hints', async () => {
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name, description, inputSchema, outputSchema }) => ({ name, description, inputSchema, outputSchema })),
    operations.map(({ name, description, inputSchema, outputSchema }) => ({
      name,
      description,
      inputSchema,
      outputSchema,
    })),
  );
  for (const { annotations } of tools) {
    assert.equal(annotations?.readOnlyHint, true);
    assert.equal(annotations?.destructiveHint, false);
  }
});

test('every input schema is one flat object that a model can be given as it is', () => {
  for (const { name, inputSchema, description } of operations) {
    assert.equal(inputSchema.type, 'object', name);
    assert.equal(inputSchema.additionalProperties, false, name);
    const keywords = JSON.stringify(inputSchema).match(/"(anyOf|oneOf|allOf|not|\$ref|\$schema|propertyNames)":/g);
    assert.equal(keywords, null, name);
    assert.match(description, /\{.*\}/, `${name} has an example`);
  }
});

test('an error over MCP is a result with the same code as over HTTP', async () => {
  const args = { pageId: '1' };
  const http = await stand.call(key, 'confluence_get_page', args);
  const mcp = await client.callTool({ name: 'confluence_get_page', arguments: args });
  assert.equal(http.status, 404);
  assert.equal(http.body.code, 'not_found_or_no_permission');
  assert.equal(mcp.isError, true);
  assert.equal(JSON.parse((mcp.content as [{ text: string }])[0].text).code, http.body.code);
});

test('GET of the MCP address answers 405', async () => {
  const answer = await stand.request('GET', '/api/confluence/mcp', key);
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'POST');
});

/** Confluence's raw search answers say how long they took. */
function timeless(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result, (name, value) => (name === 'searchDuration' ? 0 : value)));
}

function resultOf<T>({ body }: HttpAnswer): T {
  assert.ok('result' in body, JSON.stringify(body));
  return body.result as T;
}
