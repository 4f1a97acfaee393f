import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type RouteName, routes } from '../../shared/platform/routes.ts';
import { connectTenant } from '../support/connect.ts';
import { stack } from '../support/stack.ts';

type Document = {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: RouteName; responses: Record<string, Answer>; security: object[] }>
  >;
};
type Answer = { content?: Record<string, { schema: object }> };

async function readDocument(): Promise<Document> {
  const response = await fetch(`${stack().functionsUrl}/api/openapi.json`);
  assert.equal(response.status, 200);
  return (await response.json()) as Document;
}

function schemaOf(document: Document, name: RouteName): object {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const found = operations.find(({ operationId }) => operationId === name);
  const [status] = Object.keys(found?.responses ?? {});
  const schema = found?.responses[status ?? '']?.content?.['application/json']?.schema;
  assert.ok(schema, `${name} has no answer in the document`);
  return schema;
}

test('the document has every route with who may call it', async () => {
  const document = await readDocument();
  assert.equal(document.openapi, '3.1.0');
  for (const [name, { method, path, caller }] of Object.entries(routes)) {
    const operation = document.paths[`/api/${path}`]?.[method.toLowerCase()];
    assert.equal(operation?.operationId, name);
    assert.deepEqual(operation?.security, caller === 'anyone' ? [] : [{ [caller]: [] }]);
  }
});

test('what the routes answer is what the document says, without a member that it does not name', async () => {
  const document = await readDocument();
  const { dashboard } = stack();
  const tenant = await connectTenant();
  const base = `/api/tenants/${tenant.tenantId}`;
  const { results } = (await (await dashboard(`${base}/confluence/search?q=vpn`)).json()) as {
    results: { pageId: string }[];
  };
  const calls: [RouteName, string, { method?: string; json?: unknown }?][] = [
    ['connect-start', `${base}/confluence/connect`, { json: {} }],
    ['connection-get', `${base}/confluence`],
    ['spaces-get', `${base}/confluence/spaces`],
    ['spaces-put', `${base}/confluence/spaces`, { method: 'PUT', json: { excludedKeys: [] } }],
    ['runs-get', `${base}/confluence/runs`],
    ['page-get', `${base}/confluence/pages/${results[0]?.pageId}`],
    ['sync-post', `${base}/confluence/sync`, { json: {} }],
    ['agent-put', `${base}/agents/helper/confluence-tool`, { method: 'PUT', json: { profile: 'read_only' } }],
    ['agent-key-post', `${base}/agents/helper/confluence-tool/keys`, { json: {} }],
    ['agent-get', `${base}/agents/helper/confluence-tool`],
    ['health-get', '/api/health'],
    ['connection-delete', `${base}/confluence?index=delete`, { method: 'DELETE' }],
  ];
  for (const [name, path, init] of calls) {
    const answer = await dashboard(path, init ?? {});
    const body: unknown = await answer.json();
    assert.ok(answer.ok, `${name}: ${JSON.stringify(body)}`);
    const validate = ajv().compile(closed(schemaOf(document, name)));
    assert.ok(validate(body), `${name}: ${JSON.stringify(validate.errors)}\n${JSON.stringify(body)}`);
  }
});

function ajv() {
  const instance = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (instance: Ajv2020) => void)(instance);
  return instance;
}

/** The schema with no room for members that it does not name. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)]);
  const copy = Object.fromEntries(entries);
  return ('properties' in copy ? { ...copy, additionalProperties: false } : copy) as T;
}
