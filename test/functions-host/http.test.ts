import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { type RunningHost, startHost, until, writeApp } from './fixture.ts';

const SOURCE = `
import { app } from '@azure/functions';
const http = (name, route, handler, methods = ['GET']) =>
  app.http(name, { methods, authLevel: 'anonymous', route, handler });
const answer = (name) => async (request) => ({ jsonBody: { name, params: request.params } });

app.hook.appStart((context) => { context.hookData.started = 'yes'; });
app.hook.preInvocation((context) => {
  context.hookData.seen = context.invocationContext.functionName;
  if (context.invocationContext.functionName === 'refused') throw new Error('the hook says no');
});
app.hook.postInvocation((context) => {
  if (context.hookData.seen === 'hooked') context.result = { jsonBody: { ...context.result.jsonBody, hooked: true } };
});
app.hook.log((context) => { if (context.message === 'rewrite me') context.message = 'rewritten'; });

http('rest', 'files/{*path}', answer('rest'));
http('parameter', 'files/{id}', answer('parameter'));
http('literal', 'files/newest', answer('literal'));
http('optional', 'optional/{id?}', answer('optional'));
http('two', 'tenants/{tenantId}/runs/{runId}', answer('two'));
http('hooked', 'hooked', answer('hooked'));
http('refused', 'refused', answer('refused'));
http('throws', 'throws', async () => { throw new Error('out of paper'); });
http('plain', undefined, async (request, context) => { context.log('rewrite me'); return { body: 'plain text' }; }, ['GET', 'HEAD']);
http('trace', 'trace', async (request, context) => ({ jsonBody: context.traceContext }));
http('echo', 'echo', async (request) => ({
  status: 201,
  headers: { 'X-Length': String(request.headers.get('X-Thing')) },
  cookies: [{ name: 'a', value: 'b c', httpOnly: true, sameSite: 'Lax', maxAge: 60 }],
  body: Buffer.from(await request.arrayBuffer()),
}), ['POST']);
http('query', 'query', async (request) => ({ jsonBody: { url: request.url, query: Object.fromEntries(request.query) } }));
http('nobody', 'nobody', async () => ({ status: 304 }));
http('silent', 'silent', async () => {});
`;

describe('HTTP functions', () => {
  let host: RunningHost;
  const cleanup: (() => unknown)[] = [];
  const scope = { after: (fn: () => unknown) => void cleanup.unshift(fn) };
  before(async () => {
    host = await startHost(scope, writeApp(scope, { source: SOURCE, main: 'src/*.ts' }));
  });
  after(async () => {
    for (const fn of cleanup) await fn();
  });

  const get = async (path: string) => {
    const response = await fetch(`${host.url}${path}`);
    return { status: response.status, body: response.ok ? await response.json() : await response.text() };
  };

  it('prefers a literal segment to a parameter and a parameter to the rest', async () => {
    assert.deepEqual((await get('/api/files/newest')).body, { name: 'literal', params: {} });
    assert.deepEqual((await get('/api/files/a')).body, { name: 'parameter', params: { id: 'a' } });
    assert.deepEqual((await get('/api/files/a/b')).body, { name: 'rest', params: { path: 'a/b' } });
    assert.deepEqual((await get('/api/files')).body, { name: 'rest', params: {} });
  });

  it('warns of overlapping routes, which Azure resolves by order instead', () => {
    assert.match(host.output(), /GET api\/files\/\{\*path\} \(rest\) and api\/files\/\{id\} \(parameter\) overlap/);
  });

  it('ignores case in literals and one slash at the end, and leaves out an absent optional parameter', async () => {
    assert.deepEqual((await get('/API/Tenants/T/RUNS/R/')).body, {
      name: 'two',
      params: { tenantId: 'T', runId: 'R' },
    });
    assert.deepEqual((await get('/api/optional')).body, { name: 'optional', params: {} });
    assert.deepEqual((await get('/api/optional/1')).body, { name: 'optional', params: { id: '1' } });
  });

  it('hands over an encoded slash as it was written and decodes the rest', async () => {
    assert.deepEqual((await get('/api/tenants/a%2Fb%20%C3%A9/runs/%E9')).body, {
      name: 'two',
      params: { tenantId: 'a%2Fb é', runId: '%E9' },
    });
  });

  it('answers 404 to an unknown path, an empty segment, a missing prefix and another method', async () => {
    for (const path of ['/api/nothing', '/api/tenants//runs/1', '/files/newest', '/api/tenants/a/runs']) {
      assert.deepEqual(await get(path), { status: 404, body: '' }, path);
    }
    assert.equal((await fetch(`${host.url}/api/query`, { method: 'DELETE' })).status, 404);
  });

  it('passes bytes, lower-case headers, status and cookies through', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const response = await fetch(`${host.url}/api/echo`, { method: 'POST', body: bytes, headers: { 'X-THING': 'x' } });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('x-length'), 'x');
    assert.equal(response.headers.get('set-cookie'), 'a=b%20c; Max-Age=60; HttpOnly; SameSite=Lax');
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
  });

  it('keeps the query of the URL and joins repeated values with a comma', async () => {
    const { body } = await get('/api/query?a=1&A=2&b=%2F&empty=');
    assert.deepEqual(body, {
      url: `${host.url}/api/query?a=1&A=2&b=%2F&empty=`,
      query: { a: '1,2', b: '/', empty: '' },
    });
  });

  it('answers HEAD with the length of the body and without it', async () => {
    const response = await fetch(`${host.url}/api/plain`, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-length'), '10');
    assert.equal(await response.text(), '');
    assert.equal((await fetch(`${host.url}/api/nobody`)).status, 304);
    assert.equal((await fetch(`${host.url}/api/silent`)).status, 204);
  });

  it('answers 500 with an empty body when a function or a hook before it throws, and logs the stack', async () => {
    assert.deepEqual(await get('/api/throws'), { status: 500, body: '' });
    assert.deepEqual(await get('/api/refused'), { status: 500, body: '' });
    await until('both log lines', () => /out of paper[\s\S]*the hook says no/.test(host.output()));
    assert.match(host.output(), /^\S+Z http throws 500 \d+ ms [0-9a-f-]{36}\nError: out of paper\n +at /m);
  });

  it('refuses a body over 100 MB before it is sent', async () => {
    const status = await new Promise((resolve, reject) => {
      const call = request(`${host.url}/api/echo`, {
        method: 'POST',
        headers: { 'content-length': 101 * 1024 * 1024 },
      });
      call.on('response', (response) => resolve(response.statusCode)).on('error', reject);
      call.flushHeaders();
    });
    assert.equal(status, 413);
  });

  it('hands on the caller’s trace context and makes one when there is none', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { traceparent, tracestate: 'vendor=1' };
    const given = await (await fetch(`${host.url}/api/trace`, { headers })).json();
    assert.deepEqual(given, { traceParent: traceparent, traceState: 'vendor=1', attributes: {} });
    const made = (await get('/api/trace')).body as { traceParent: string };
    assert.match(made.traceParent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('runs the hooks around an invocation and on log entries', async () => {
    assert.deepEqual((await get('/api/hooked')).body, { name: 'hooked', params: {}, hooked: true });
    await fetch(`${host.url}/api/plain`);
    await until('the log entry', () => host.output().includes('information plain rewritten'));
    assert.doesNotMatch(host.output(), /rewrite me/);
  });

  it('lists its functions and its state on admin routes and refuses to run HTTP functions there', async () => {
    const { body } = await get('/admin/functions');
    assert.ok((body as { name: string }[]).some(({ name }) => name === 'literal'));
    assert.equal(((await get('/admin/host/status')).body as { state: string }).state, 'Running');
    assert.equal((await host.run('literal')).status, 400);
    assert.equal((await host.run('unknown')).status, 404);
  });
});
