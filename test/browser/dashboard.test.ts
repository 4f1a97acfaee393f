import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueClient } from '@azure/storage-queue';
import { azuriteConnectionString } from '../../local/azurite/server.ts';
import { eventually, newTenantId, stack } from '../support/stack.ts';

/** A signed-in caller that is not a browser, so that it can send what a browser would not. */
async function signIn(tenantId: string) {
  const page = await fetch(`${stack().dashboardUrl}/?tenant=${tenantId}`);
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
  const call = (method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(`${stack().dashboardUrl}/tenants/${tenantId}${path}`, { method, headers: { cookie, ...headers } });
  return { page, call };
}

const OWN = { 'sec-fetch-site': 'same-origin' };

test('The sample dashboard’s backend', async (t) => {
  await t.test('passes a call and its answer on', async () => {
    const { call } = await signIn(newTenantId());
    const answer = await call('GET', '/confluence');
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { status: 'disconnected' });
  });

  await t.test('passes a problem on as it is', async () => {
    const { call } = await signIn(newTenantId());
    const answer = await call('POST', '/confluence/sync', OWN);
    assert.equal(answer.status, 409);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.equal(((await answer.json()) as { code: string }).code, 'not_connected');
  });

  await t.test('serves a tenant only to those who are signed in to it', async () => {
    const { call } = await signIn(newTenantId());
    const stranger = await fetch(`${stack().dashboardUrl}/tenants/${newTenantId()}/confluence`);
    assert.equal(stranger.status, 401);
    assert.equal((await call('GET', `/../${newTenantId()}/confluence`)).status, 401);
  });

  await t.test('calls for the tenant that it checked, however the address spells it', async () => {
    const tenantId = newTenantId();
    const { call } = await signIn(tenantId);
    const spelt = tenantId.replace('t', '%74');
    await stack().dashboard(`/api/tenants/${tenantId}/agents/one/confluence-tool`, {
      method: 'PUT',
      json: { profile: 'search_only' },
    });
    assert.equal((await call('GET', `/../${spelt}/agents/one/confluence-tool`)).status, 200);
  });

  await t.test('signs nobody in to a tenant that is no name', async () => {
    for (const tenantId of ['..', '_app', 'a/b', ''])
      assert.equal(
        (await fetch(`${stack().dashboardUrl}/?tenant=${encodeURIComponent(tenantId)}`)).status,
        400,
        tenantId,
      );
  });

  await t.test('refuses a change that another page asks for', async () => {
    const { call } = await signIn(newTenantId());
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      {},
    ])
      assert.equal((await call('POST', '/confluence/connect', headers as Record<string, string>)).status, 403);
    assert.equal((await call('POST', '/confluence/connect', { origin: stack().dashboardUrl })).status, 201);
  });

  await t.test('passes on nothing that its page does not need', async () => {
    const { call } = await signIn(newTenantId());
    assert.equal((await call('GET', '/confluence/pages/1')).status, 404);
    assert.equal((await call('GET', '/agents/one%2F..%2Ftwo/confluence-tool')).status, 400);
  });

  await t.test('leads to the origin that the consent window knows', async () => {
    const other = stack().dashboardUrl.replace('127.0.0.1', 'localhost');
    const answer = await fetch(`${other}/?tenant=acme`, { redirect: 'manual' });
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.get('location'), `${stack().dashboardUrl}/?tenant=acme`);
  });

  await t.test('allows its page the tile’s script and no other origin', async () => {
    const { page } = await signIn(newTenantId());
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.match(page.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Lax/);
  });
});

test('Notices in the sample dashboard', async (t) => {
  const queue = new QueueClient(
    azuriteConnectionString({ queueUrl: stack().queueUrl, blobUrl: '' }),
    'confluence-events',
  );
  const send = (text: string) => queue.sendMessage(Buffer.from(text).toString('base64'));

  await t.test('appear once however often the queue delivers them, and strange messages are dropped', async () => {
    const tenantId = newTenantId();
    const event = (id: string, type: string) =>
      JSON.stringify({ specversion: '1.0', id, type, subject: tenantId, time: new Date().toISOString(), data: {} });
    await send('no event at all');
    await send(event('one', 'confluence.connected'));
    await send(event('one', 'confluence.connected'));
    await send(event('two', 'confluence.disconnected'));
    const { call } = await signIn(tenantId);
    await eventually(async () => {
      const { notices } = (await (await call('GET', '/notices')).json()) as { notices: { id: string }[] };
      assert.deepEqual(notices.map(({ id }) => id).sort(), ['one', 'two']);
    });
    await eventually(async () => assert.deepEqual((await queue.peekMessages()).peekedMessageItems, []));
  });
});

test('The tile’s script', async (t) => {
  const url = () => `${stack().functionsUrl}/api/confluence/tile.js`;

  await t.test('loads as a module from any origin', async () => {
    const answer = await fetch(url());
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.match(await answer.text(), /confluence-tile/);
  });

  await t.test('is sent once and then only confirmed', async () => {
    const etag = (await fetch(url())).headers.get('etag') ?? '';
    const same = await fetch(url(), { headers: { 'if-none-match': `"other", W/${etag}` } });
    assert.equal(same.status, 304);
    assert.equal(await same.text(), '');
    assert.equal((await fetch(url(), { headers: { 'if-none-match': '"other"' } })).status, 200);
  });
});
