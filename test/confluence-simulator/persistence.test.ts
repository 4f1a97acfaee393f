import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CLIENT, type Item, startSimulator, type Tokens } from './setup.ts';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'confluence-simulator-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('grants, tokens, content, clock, switches, faults and points survive a restart', async (t) => {
  const dataDir = temporaryFolder(t);
  const before = await startSimulator(t, { dataDir });
  const { cloudId, tokens, read } = await before.site({ pages: 5 });
  const [page] = (await read('/pages')).results;
  assert.ok(page);
  await before.control('POST', `/sites/${cloudId}/pages/${page.id}/update`, { storage: '<p>Kept.</p>' });
  await before.control('POST', '/clock', { offsetMs: 600_000 });
  await before.control('PATCH', '/switches', { quota: { pointsPerHour: 1000 } });
  await before.control('POST', '/faults', { match: { path: '/labels$' }, answer: { status: 503 } });
  await before.close();

  const after = await startSimulator(t, { dataDir });
  const reader = after.reader(cloudId, tokens);
  const kept = await reader.read<Item>(`/pages/${page.id}?body-format=storage`);
  assert.equal(kept.body.storage?.value, '<p>Kept.</p>');
  assert.equal((await after.control<{ offsetMs: number }>('GET', '/clock')).offsetMs, 600_000);
  assert.equal((await reader.get('/labels')).status, 503);
  assert.equal((await reader.get('/spaces')).headers.get('x-ratelimit-limit'), '1000');
  const refreshed = await after.call('POST', '/oauth/token', {
    ...CLIENT,
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token,
  });
  assert.equal(refreshed.status, 200);
  assert.ok(refreshed.json<Tokens>().access_token);
});

test('only the owner can read the state, and no token stands in it', async (t) => {
  const dataDir = temporaryFolder(t);
  const simulator = await startSimulator(t, { dataDir });
  const tokens = await simulator.grant([]);
  assert.equal(statSync(join(dataDir, 'confluence.sqlite')).mode & 0o777, 0o600);
  await simulator.close();
  const stored = readFileSync(join(dataDir, 'confluence.sqlite'), 'latin1');
  assert.ok(!stored.includes(tokens.refresh_token) && !stored.includes(tokens.access_token));
});
