import type { Locator } from 'playwright-core';
import { control, fault, type Owner, type SimulatedSite } from './simulator.ts';
import { chooseAccount, consent, openConsent, type TilePage } from './tile-page.ts';

export interface TourPlan {
  /** An account with at least two sites; the first is the one that is connected. */
  readonly owner: Owner;
  /** Words that a page of the first site holds. */
  readonly searchFor: string;
  /** Called in each state, with its name and with what is worth seeing when that is not at the top. */
  readonly visit: (state: string, showing?: Locator) => Promise<void>;
}

const CONNECTION = '**/tenants/*/confluence';
/** What is loaded beside the connection. */
const PARTS = /\/tenants\/[^/]+\/(agents|confluence\/(runs|spaces|search))/;

/**
 * Leads a tile through every state that has a form of its own, from a tenant that was never connected to one that has to
 * reconnect. Accessibility is tested and the pictures of the documentation are taken on the way.
 */
export async function tour(tile: TilePage, plan: TourPlan): Promise<void> {
  await beforeConnecting(tile, plan);
  const site = await connecting(tile, plan);
  await connected(tile, plan, site);
  await inTrouble(tile, plan, site);
}

async function beforeConnecting(tile: TilePage, { owner, visit }: TourPlan): Promise<void> {
  const { page, context } = tile;
  await tile.button('Connect Confluence').waitFor();
  await visit('not-connected');

  const held = Promise.withResolvers<void>();
  await context.route(CONNECTION, (route) => held.promise.then(() => route.fulfill(UNAVAILABLE)));
  await page.reload();
  await tile.shows('Loading the connection');
  await visit('loading');
  held.resolve();
  await tile.shows('could not be loaded');
  await visit('unavailable');
  await context.unroute(CONNECTION);
  await tile.button('Try again').click();

  const popup = await openConsent(tile);
  await visit('consent-window', tile.element);
  await chooseAccount(popup, owner.accountId);
  await popup.getByRole('button', { name: 'Cancel' }).click();
  await tile.shows('Access was not granted.');
  await visit('refused', tile.element);

  await page.evaluate('window.open = () => null');
  await tile.button('Connect Confluence').click();
  await tile.shows('Your browser blocked the window.');
  await visit('window-blocked', tile.element);
  await page.reload();
}

const UNAVAILABLE = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    status: 503,
    code: 'confluence_app_unreachable',
    detail: 'The Confluence application does not answer at the moment. Try again shortly.',
  }),
};

async function connecting(tile: TilePage, { owner, visit }: TourPlan): Promise<SimulatedSite> {
  const [site] = owner.sites;
  if (!site) throw new Error('the tour needs an account with sites');
  await consent(await openConsent(tile), owner, owner.sites);
  await tile.shows('Which site should Neo sync?');
  await tile.page.getByRole('radio', { name: site.url }).check();
  await visit('choose-site', tile.element);

  // Labels come after the pages and slowly, so that there is something to see.
  const heal = await fault(site, {
    match: { path: '/wiki/api/v2/.*labels' },
    answer: { kind: 'slow', delayMs: 1_000 },
  });
  await tile.button('Use this site').click();
  await tile.section('Sync').getByText('reading labels').waitFor();
  await visit('first-sync', tile.section('Sync'));
  await heal();
  await tile.section('Recent syncs').getByText('Done').waitFor();
  return site;
}

async function connected(tile: TilePage, { searchFor, visit }: TourPlan, site: SimulatedSite): Promise<void> {
  const { page } = tile;
  await agents(tile, visit);

  await control('POST', `/sites/${site.cloudId}/pages/edit-many`, { count: 2 });
  await tile.button('Trigger sync').click();
  await tile.section('Recent syncs').getByText('2 pages added or updated').waitFor();
  const results = tile.section('Search the index');
  await search(tile, searchFor);
  await results.getByRole('listitem').first().waitFor();
  await visit('connected');
  await visit('search', results);
  await visit('agents', tile.section('Agent access'));
  await search(tile, 'zyzzyva');
  await tile.shows('No page matches');
  await visit('nothing-found', results);

  await tile.button('Change site').click();
  await visit('change-site', tile.element);
  await tile.button('Cancel').click();
  await tile.button('Disconnect').click();
  await page.getByRole('dialog').waitFor();
  await visit('disconnect');
  await page.keyboard.press('Escape');
}

async function agents({ page }: TilePage, visit: TourPlan['visit']): Promise<void> {
  const agent = (name: string) => page.getByRole('article', { name });
  const dialog = page.getByRole('dialog');
  await agent('Onboarding Agent').getByRole('button', { name: 'Allow Search Only' }).click();
  await agent('Service Desk Agent').getByRole('button', { name: 'Allow Read Only' }).click();
  await agent('Service Desk Agent').getByRole('button', { name: 'Create key' }).click();
  await dialog.getByRole('code').waitFor();
  await visit('agent-key');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await agent('Service Desk Agent').getByRole('button', { name: 'New key' }).click();
  await visit('new-key');
  await page.keyboard.press('Escape');
  await agent('Service Desk Agent').getByRole('button', { name: 'Remove access' }).click();
  await visit('remove-agent');
  await page.keyboard.press('Escape');
}

async function inTrouble(tile: TilePage, { owner, searchFor, visit }: TourPlan, site: SimulatedSite): Promise<void> {
  const { page, context } = tile;
  let heal = await fault(site, { match: { path: '/wiki/api/v2/.*labels' }, answer: { status: 403 } });
  await tile.button('Trigger sync').click();
  await page.getByText('1 thing could not be synced').click();
  await visit('problems', tile.section('Recent syncs'));
  await heal();

  heal = await fault(site, { match: { path: '/wiki/api/v2/spaces' }, answer: { status: 410 } });
  await tile.button('Trigger sync').click();
  await tile.shows('The last sync failed.');
  await visit('sync-failed', tile.section('Sync'));
  await heal();

  await context.route(PARTS, (route) => route.fulfill(UNAVAILABLE));
  await page.reload();
  await search(tile, searchFor);
  for (const part of ['Results', 'Recent syncs', 'Spaces', 'Agents']) await tile.shows(`${part} could not be loaded.`);
  await visit('parts-unavailable', tile.section('Search the index'));
  await context.unroute(PARTS);

  await control('POST', '/grants/revoke', { accountId: owner.accountId });
  await tile.button('Trigger sync').click();
  await tile.shows('Confluence has to be reconnected');
  await visit('reconnect', tile.element);
}

async function search({ page }: TilePage, words: string): Promise<void> {
  await page.getByRole('searchbox').fill(words);
  await page.keyboard.press('Enter');
}
