import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createV1Client, createV2Client } from 'confluence.js';
import { admin, at, startSimulator, type TestSimulator } from './setup.ts';

/** Sends what the client believes to send to Atlassian's hosts to the simulator instead; the client stays as it is. */
function stayAtHome(t: TestContext, simulator: TestSimulator): void {
  const realFetch = globalThis.fetch;
  t.mock.method(globalThis, 'fetch', (input: string | URL | Request, init?: RequestInit) => {
    const url = input instanceof Request ? input.url : String(input);
    return realFetch(url.replace(/^https:\/\/(api|auth)\.atlassian\.com/, simulator.url), init);
  });
}

test('confluence.js refreshes its token, finds its site and reads spaces, pages and search over the gateway', async (t) => {
  const simulator = await startSimulator(t);
  const { tokens } = await simulator.site({ pages: 12, spaces: 2 });
  stayAtHome(t, simulator);
  let stored = tokens.refresh_token;
  const auth = {
    type: 'oauth2' as const,
    clientId: 'local-client',
    clientSecret: 'local-secret',
    onTokenRefresh: (rotated: { refreshToken?: string | undefined }) => {
      stored = rotated.refreshToken ?? stored;
    },
  };
  const v2 = createV2Client({ auth: { ...auth, refreshToken: stored } });
  const spaces = await v2.space.getSpaces({ limit: 10 });
  assert.notEqual(stored, tokens.refresh_token, 'the token was rotated');
  assert.deepEqual(
    spaces.results?.map((space) => space.key),
    ['S1', 'S2'],
  );
  const pages = await v2.page.getPages({ limit: 5, bodyFormat: 'storage', status: ['current', 'archived'] });
  assert.equal(pages.results?.length, 5);
  const first = at(pages.results ?? [], 0);
  assert.ok(first.body?.storage?.value);
  const filtered = await v2.page.getPages({ id: [Number(first.id)] });
  assert.deepEqual(
    filtered.results?.map((page) => page.title),
    [first.title],
  );
  assert.equal((await v2.page.getPageById({ id: Number(first.id) })).title, first.title);
  const v1 = createV1Client({ auth: { ...auth, refreshToken: stored } });
  const found = await v1.search.searchByCQL({ cql: `creator = "${admin.accountId}" OR type = page`, limit: 3 });
  assert.equal(found.totalSize, 12);
});
