import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { eventually } from '../support/stack.ts';
import { control, fault, newOwner, type SimulatedSite } from './support/simulator.ts';
import { connect, consent, openConsent, openTile, type TilePage } from './support/tile-page.ts';

const PAGES = { match: { path: '/wiki/api/v2/pages' } };

test('Following the sync in the dashboard', async (t) => {
  const browser = await launchBrowser(t);

  await t.test('progress shows counts and a bar while a run goes on', async (t) => {
    const owner = await newOwner({ pages: 60, spaces: 3 });
    const [site] = owner.sites as [SimulatedSite];
    const tile = await openTile(t, browser);
    const heal = await fault(site, { ...PAGES, answer: { kind: 'slow', delayMs: 700 } });
    await consent(await openConsent(tile), owner, owner.sites);
    const sync = tile.section('Sync');
    await sync.getByRole('progressbar', { name: 'Sync progress' }).waitFor();
    await sync.getByText('First sync').waitFor();
    await sync.getByText('3 spaces').waitFor();
    await sync.getByText(/of about \d+ pages|^\d+ pages$/).waitFor();
    await heal();
    await sync.getByRole('progressbar').waitFor({ state: 'detached' });
    await tile.section('Recent syncs').getByText('60 pages added or updated').waitFor();
    assert.match(await sync.innerText(), /Next sync\s+in \d+ minutes/);
  });

  await t.test('Trigger sync picks up an edit, and the search box finds it', async (t) => {
    const owner = await newOwner({ pages: 8 });
    const [site] = owner.sites as [SimulatedSite];
    const tile = await openTile(t, browser);
    await connect(tile, owner);
    await control('POST', `/sites/${site.cloudId}/pages/${await anyPage(site)}/rename`, { title: 'Walrus handling' });
    await tile.button('Trigger sync').click();
    const run = tile.section('Recent syncs').getByRole('listitem').filter({ hasText: 'Triggered sync' });
    await run.getByText('1 page added or updated, 7 unchanged').waitFor();
    await search(tile, 'walrus');
    await tile.section('Search the index').getByRole('link', { name: 'Walrus handling' }).waitFor();
    await search(tile, 'narwhal');
    await tile.shows('No page matches “narwhal”');
  });

  await t.test('a failed sync says why in words, and can be tried again', async (t) => {
    const owner = await newOwner({ pages: 6 });
    const [site] = owner.sites as [SimulatedSite];
    const tile = await openTile(t, browser);
    await connect(tile, owner);
    const heal = await fault(site, { match: { path: '/wiki/api/v2/spaces' }, answer: { status: 410 } });
    await tile.button('Trigger sync').click();
    await tile.shows('The last sync failed.');
    await tile.section('Recent syncs').getByText('Atlassian has removed an interface').waitFor();
    await heal();
    await tile.section('Sync').getByRole('button', { name: 'Try again' }).click();
    await tile.section('Recent syncs').getByText('No changes, 6 unchanged').waitFor();
    await tile.page.getByText('The last sync failed.').waitFor({ state: 'detached' });
  });

  await t.test('a space that is switched off leaves the search at once', async (t) => {
    const owner = await newOwner({ pages: 9, spaces: 3 });
    const [site] = owner.sites as [SimulatedSite];
    await control('POST', `/sites/${site.cloudId}/spaces`, { key: 'ZOO', name: 'Zoo' });
    await control('POST', `/sites/${site.cloudId}/pages`, { spaceKey: 'ZOO', title: 'Feeding the okapi' });
    const tile = await openTile(t, browser);
    await connect(tile, owner);
    const results = tile.section('Search the index');
    await search(tile, 'okapi');
    await results.getByRole('link', { name: 'Feeding the okapi' }).waitFor();
    await tile.page.getByRole('switch', { name: /^Zoo / }).uncheck();
    await tile.section('Spaces').getByText('ZOO, excluded').waitFor();
    await eventually(async () => {
      await search(tile, 'okapi');
      await results.getByText('No page matches').waitFor({ timeout: 1_000 });
    });
  });

  await t.test('what the backend refuses is shown with its reason', async (t) => {
    const tile = await openTile(t, browser, {
      prepare: (context) =>
        context.route('**/confluence', (route) =>
          route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            body: JSON.stringify({ status: 503, code: 'not_configured', detail: 'The application is not configured.' }),
          }),
        ),
    });
    await tile.shows('The application is not configured.');
    await tile.context.unroute('**/confluence');
    await tile.button('Try again').click();
    await tile.button('Connect Confluence').waitFor();
  });
});

async function anyPage({ cloudId }: SimulatedSite): Promise<string> {
  const truth = await control<{ id: string; kind?: string; type?: string }[]>('GET', `/sites/${cloudId}/truth`);
  const page = truth.find(({ kind, type }) => kind === 'page' || type === 'page');
  if (!page) throw new Error(`the site has no page: ${JSON.stringify(truth[0])}`);
  return page.id;
}

async function search(tile: TilePage, words: string): Promise<void> {
  await tile.page.getByRole('searchbox', { name: 'Search the index' }).fill(words);
  await tile.page.keyboard.press('Enter');
}
