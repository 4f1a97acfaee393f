import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUPS, type Group } from '../../shared/tool/groups.ts';
import { assertOnlyReads } from './arrived.ts';
import { ATTEMPTS, type Attempt } from './hostile-inputs.ts';
import { startStand } from './stand.ts';

const stand = await startStand();
const { cloudId } = stand.sites.acme ?? { cloudId: '' };
const REFUSED_BEFORE = new Set(['not_allowed', 'group_disabled', 'unknown_operation']);
const SECRET_WORDS = 'the launch code is swordfish';
await stand.simulator('POST', `/sites/${cloudId}/spaces`, { key: 'SECRET', name: 'Secret plans' });
const secretPage = await newPage({ spaceKey: 'SECRET', title: 'Secret page', storage: `<p>${SECRET_WORDS}</p>` });
const page = await newPage({ spaceKey: 'IT', title: 'An ordinary page', storage: '<p>swordfish is a fish</p>' });
await stand.connect('acme', 'acme', { excludedKeys: ['SECRET'] });
await stand.index('acme');

const GROUPS_OF: Record<NonNullable<Attempt['as']>, readonly Group[]> = {
  reader: GROUPS,
  searcher: ['search'],
  pages: ['pages'],
  nobody: [],
};
const agents = Object.fromEntries(
  await Promise.all(
    Object.entries(GROUPS_OF).map(async ([name, groups]) => {
      const key = await stand.agent('acme', name, groups);
      return [name, { key, client: await stand.mcp(key) }] as const;
    }),
  ),
);

test('the table has at least 150 attempts, each once', () => {
  assert.ok(ATTEMPTS.length >= 150, `${ATTEMPTS.length}`);
  assert.equal(new Set(ATTEMPTS.map(({ name, as }) => `${as} ${name}`)).size, ATTEMPTS.length);
});

for (const attempt of ATTEMPTS) {
  test(`hostile: ${attempt.name.slice(0, 120)}`, async () => {
    const as = attempt.as ?? 'reader';
    const agent = agents[as];
    assert.ok(agent);
    await stand.arrived();
    const args = JSON.parse(
      JSON.stringify(attempt.args)
        .replaceAll('{page}', page)
        .replaceAll('{secretPage}', secretPage)
        .replaceAll('{cloudId}', cloudId),
    );
    const http = await stand.call(agent.key, encodeURIComponent(attempt.operation), args);
    const mcp = await agent.client.callTool({ name: attempt.operation, arguments: args });
    const [block] = mcp.content as [{ text: string }];
    const overMcp = mcp.isError ? JSON.parse(block.text) : { code: 'ok', ...JSON.parse(block.text) };
    const overHttp = http.status === 200 ? { code: 'ok', ...http.body } : http.body;
    assert.ok(attempt.expected.includes(String(overHttp.code)), JSON.stringify(overHttp).slice(0, 500));
    assert.equal(overMcp.code, overHttp.code);
    if (overHttp.code === 'invalid_arguments') assert.ok(Array.isArray(overHttp.fields), JSON.stringify(overHttp));
    if (overHttp.code !== 'ok') assert.ok(String(overHttp.detail).length > 20);
    for (const answer of [overHttp, overMcp]) {
      const text = JSON.stringify(answer);
      assert.ok(!text.includes(SECRET_WORDS) && !text.includes(`"${secretPage}"`), text.slice(0, 500));
    }
    const arrived = await stand.arrived();
    assertOnlyReads(arrived, GROUPS_OF[as], cloudId);
    // Refused by name means: before a socket opens.
    if (REFUSED_BEFORE.has(String(overHttp.code))) assert.deepEqual(arrived, []);
  });
}

async function newPage(body: Record<string, string>): Promise<string> {
  return (await stand.simulator('POST', `/sites/${cloudId}/pages`, body)).id as string;
}
