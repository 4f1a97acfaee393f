import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { searchResults } from '../../shared/platform/api-answers.ts';
import { connectTenant } from '../support/connect.ts';
import { newTenantId, stack } from '../support/stack.ts';

let tenantId: string;
before(async () => {
  ({ tenantId } = await connectTenant());
});

async function search(parameters: Record<string, string>, tenant = tenantId) {
  const query = new URLSearchParams(parameters);
  const response = await stack().dashboard(`/api/tenants/${tenant}/confluence/search?${query}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function results(parameters: Record<string, string>) {
  const { status, body } = await search(parameters);
  assert.equal(status, 200, JSON.stringify(body));
  return searchResults.parse(body).results;
}

test('a synced knowledge base answers what a ticket asks, with the section that fits', async () => {
  const [hit] = await results({ q: 'update fails with KB5034441' });
  assert.equal(hit?.title, 'Windows Update errors (0x80070643, 0x80070005, KB5034441 …)');
  assert.deepEqual([hit?.spaceKey, hit?.spaceName, hit?.rank], ['IT', 'IT Service Desk', 1]);
  assert.match(hit?.url ?? '', /^https:\/\/.*\/wiki\/spaces\/IT\/pages\/\d+/);
  assert.equal(
    hit?.section?.url,
    `${hit?.url}#${encodeURIComponent((hit?.section?.title ?? '').replaceAll(' ', '-'))}`,
  );
  for (const [start, end] of hit?.highlights ?? []) assert.ok(start < end && end <= (hit?.excerpt.length ?? 0));
});

test('filters of the route narrow, and the cursor goes on', async () => {
  const space = await results({ q: 'checklist', space: 'HR' });
  assert.ok(space.length > 0 && space.every(({ spaceKey }) => spaceKey === 'HR'));
  assert.deepEqual(await results({ q: 'checklist', space: 'hr' }), space, 'as Confluence, without regard to capitals');
  const label = await results({ q: 'password', label: 'MFA' });
  assert.ok(label.length > 0 && label.every(({ labels }) => labels.includes('mfa')));
  assert.deepEqual(await results({ q: 'password', modifiedSince: '2999-01-01' }), []);
  assert.deepEqual(await results({ q: 'password', author: '712020:nobody' }), []);
  const [runbooks] = await results({ q: 'runbooks', space: 'OPS' });
  assert.equal(runbooks?.title, 'Runbooks');
  const below = await results({ q: 'failover', ancestor: runbooks?.pageId ?? '' });
  assert.ok(below.length > 0 && below.every(({ title }) => title.includes('unbook')));

  const first = await search({ q: 'vpn', limit: '2' });
  const next = await search({ q: 'vpn', limit: '2', cursor: String(first.body.nextCursor) });
  const ranks = [first, next].flatMap(({ body }) => searchResults.parse(body).results.map(({ rank }) => rank));
  assert.deepEqual(ranks, [1, 2, 3, 4]);
});

test('a known parameter with a wrong value is refused by name, an unknown one ignored', async () => {
  const wrong: Record<string, string>[] = [
    { q: '' },
    { q: ' ' },
    { q: 'x'.repeat(1_001) },
    { q: 'vpn', limit: '0' },
    { q: 'vpn', limit: 'many' },
    { q: 'vpn', cursor: '10' },
    { q: 'vpn', modifiedSince: 'yesterday' },
    { q: 'vpn', ancestor: 'IT' },
    {},
  ];
  for (const parameters of wrong) {
    const { status, body } = await search(parameters);
    const field = Object.keys(parameters).at(-1) ?? 'q';
    assert.deepEqual([status, body.code], [400, 'invalid_arguments'], JSON.stringify(parameters));
    assert.deepEqual(
      (body.fields as { field: string }[]).map((each) => each.field),
      [field],
    );
  }
  assert.ok((await results({ q: 'vpn', colour: 'red' })).length > 0);
});

test('an excluded space, archived pages and blog posts are not found, and nobody searches while not connected', async () => {
  const skype = await results({ q: '"Skype for Business was switched off"' });
  assert.deepEqual(skype, []);
  const blog = await results({ q: '"Thank you for 214 very polite tickets"' });
  assert.deepEqual(blog, []);
  assert.ok((await results({ q: 'parental leave' })).some(({ spaceKey }) => spaceKey === 'HR'));
  const base = `/api/tenants/${tenantId}/confluence`;
  const excluded = await stack().dashboard(`${base}/spaces`, { method: 'PUT', json: { excludedKeys: ['HR'] } });
  assert.equal(excluded.status, 200);
  assert.ok((await results({ q: 'parental leave' })).every(({ spaceKey }) => spaceKey !== 'HR'));
  const never = await search({ q: 'vpn' }, newTenantId());
  assert.deepEqual([never.status, never.body.code], [409, 'not_connected']);
  await stack().dashboard(base, { method: 'DELETE' });
  const gone = await search({ q: 'vpn' });
  assert.deepEqual([gone.status, gone.body.code], [409, 'not_connected']);
});
