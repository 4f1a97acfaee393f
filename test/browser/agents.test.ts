import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { eventually, stack } from '../support/stack.ts';
import { newOwner, type Owner } from './support/simulator.ts';
import { connect, openTile, type TilePage } from './support/tile-page.ts';

test('Giving agents access in the dashboard', async (t) => {
  const browser = await launchBrowser(t);
  const owner = await newOwner({ pages: 5 });
  const tile = await openTile(t, browser, {
    prepare: (context) => context.grantPermissions(['clipboard-read', 'clipboard-write']),
  });
  const secrets = watchForTokens(tile);
  await connect(tile, owner);
  const agent = tile.page.locator('confluence-tile').getByRole('article', { name: 'Service Desk Agent' });
  let key = '';

  await t.test('it says plainly what becomes searchable', async () => {
    await tile.shows(`Whatever ${owner.name} can see in Confluence is searchable by every agent with Search`);
  });

  await t.test('the profile Read Only switches all five groups on', async () => {
    await agent.getByRole('button', { name: 'Allow Read Only' }).click();
    for (const group of ['Pages', 'Spaces', 'Search', 'Attachments', 'Users'])
      await agent.getByRole('switch', { name: new RegExp(`^${group} `), checked: true }).waitFor();
  });

  await t.test('a key is shown once, can be copied, and opens the tool', async () => {
    await agent.getByRole('button', { name: 'Create key' }).click();
    const dialog = tile.page.getByRole('dialog', { name: 'Key for Service Desk Agent' });
    key = (await dialog.getByRole('code').textContent()) ?? '';
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await dialog.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await tile.page.evaluate('navigator.clipboard.readText()'), key);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await tile.page.reload();
    await agent.getByText('not used yet').waitFor();
    assert.equal((await tile.page.content()).includes(key), false);
    const [hit] = (await search(tile, owner)).results;
    assert.ok(hit, 'the search finds a page');
    const answer = await callTool(key, 'confluence_get_page', { pageId: hit.pageId });
    assert.equal(answer.status, 200);
    assert.equal(((await answer.json()) as { result: { title: string } }).result.title, hit.title);
  });

  await t.test('a group that is switched off refuses the next call', async () => {
    await agent.getByRole('switch', { name: /^Pages / }).uncheck();
    await agent.getByText('Own choice of groups').waitFor();
    await eventually(async () => {
      const answer = await callTool(key, 'confluence_list_pages', {});
      assert.equal(answer.status, 403);
      assert.equal(((await answer.json()) as { code: string }).code, 'group_disabled');
    });
    await agent.getByRole('switch', { name: /^Pages / }).check();
    await agent.getByRole('radio', { name: /^Read Only/, checked: true }).waitFor();
    await eventually(async () => assert.equal((await callTool(key, 'confluence_list_pages', {})).status, 200));
  });

  await t.test('Search Only leaves search alone', async () => {
    await agent.getByRole('radio', { name: /^Search Only/ }).check();
    await agent.getByRole('switch', { name: /^Pages /, checked: false }).waitFor();
    await agent.getByRole('switch', { name: /^Search /, checked: true }).waitFor();
  });

  await t.test('a new key can end the former one at once', async () => {
    await agent.getByRole('button', { name: 'New key' }).click();
    const question = tile.page.getByRole('dialog', { name: 'New key for Service Desk Agent' });
    await question.getByRole('checkbox', { name: 'End the present key at once' }).check();
    await question.getByRole('button', { name: 'Create key' }).click();
    const shown = tile.page.getByRole('dialog', { name: 'Key for Service Desk Agent' });
    const former = key;
    key = (await shown.getByRole('code').textContent()) ?? '';
    await shown.getByRole('button', { name: 'Done' }).click();
    assert.equal((await callTool(former, 'confluence_search_index', { query: 'the' })).status, 401);
    assert.equal((await callTool(key, 'confluence_search_index', { query: 'the' })).status, 200);
  });

  await t.test('removing access asks first and ends the key', async () => {
    await agent.getByRole('button', { name: 'Remove access' }).click();
    const dialog = tile.page.getByRole('dialog', { name: 'Remove access of Service Desk Agent?' });
    await dialog.getByRole('button', { name: 'Remove access' }).click();
    await agent.getByText('Cannot use Confluence.').waitFor();
    assert.equal((await callTool(key, 'confluence_list_pages', {})).status, 401);
  });

  await t.test('all of it works without a mouse', async () => {
    const button = agent.getByRole('button', { name: 'Allow Search Only' });
    await button.focus();
    await tile.page.keyboard.press('Enter');
    const pages = agent.getByRole('switch', { name: /^Pages / });
    await pages.waitFor();
    await pages.focus();
    await tile.page.keyboard.press('Space');
    await agent.getByText('Own choice of groups').waitFor();
  });

  await t.test('the browser never saw the dashboard’s token', () => {
    assert.deepEqual(secrets, []);
  });
});

/** Where a JWT passed through the browser. */
function watchForTokens({ page }: TilePage): string[] {
  const places: string[] = [];
  const look = (text: string | null, where: string) => {
    if (text && /eyJ[A-Za-z0-9_-]{20}/.test(text)) places.push(where);
  };
  page.on('request', (request) => {
    look(JSON.stringify(request.headers()) + (request.postData() ?? ''), `request ${request.url()}`);
  });
  page.on('response', async (response) => {
    look(JSON.stringify(response.headers()), `headers of ${response.url()}`);
    look(await response.text().catch(() => null), `answer of ${response.url()}`);
  });
  return places;
}

function callTool(key: string, operation: string, args: object): Promise<Response> {
  return fetch(`${stack().functionsUrl}/api/confluence/tool/${operation}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  });
}

async function search({ tenantId }: TilePage, { sites }: Owner) {
  const { results } = await stack()
    .dashboard(`/api/tenants/${tenantId}/confluence/search?q=the`)
    .then((answer) => answer.json() as Promise<{ results: { pageId: string; title: string; url: string }[] }>);
  return { results: results.filter(({ url }) => url.startsWith(sites[0]?.url ?? '?')) };
}
