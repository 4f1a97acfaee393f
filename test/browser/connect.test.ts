import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { control, newOwner } from './support/simulator.ts';
import { chooseAccount, consent, openConsent, openTile } from './support/tile-page.ts';

test('Connecting Confluence in the dashboard', async (t) => {
  const browser = await launchBrowser(t);

  await t.test(
    'with one site the window closes, the card turns green and the first sync counts its pages',
    async (t) => {
      const owner = await newOwner({ pages: 12 });
      const tile = await openTile(t, browser);
      await tile.shows(/unverified app/);
      const popup = await openConsent(tile);
      const closed = popup.waitForEvent('close');
      await consent(popup, owner, owner.sites);
      await closed;
      const card = tile.section('Confluence connected');
      await card.getByRole('link', { name: owner.sites[0]?.url ?? '' }).waitFor();
      await card.getByText(owner.name).waitFor();
      await tile.section('Recent syncs').getByText('12 pages added or updated').waitFor();
      await tile.section('Sync').getByRole('definition').getByText('12', { exact: true }).waitFor();
    },
  );

  await t.test(
    'with three sites the picker shows name, address and cloud id, and the chosen one is synced',
    async (t) => {
      const owner = await newOwner({ pages: 4 }, { pages: 5 }, { pages: 6 });
      const tile = await openTile(t, browser);
      await consent(await openConsent(tile), owner, owner.sites);
      await tile.shows('Which site should Neo sync?');
      for (const { name, url, cloudId } of owner.sites)
        await tile.page.getByRole('radio', { name: `${name} ${url} Cloud ID ${cloudId}` }).waitFor();
      await tile.page.getByRole('radio', { name: owner.sites[1]?.url ?? '' }).check();
      await tile.button('Use this site').click();
      await tile
        .section('Confluence connected')
        .getByRole('link', { name: owner.sites[1]?.url ?? '' })
        .waitFor();
      await tile.section('Recent syncs').getByText('5 pages added or updated').waitFor();
    },
  );

  await t.test('refusing at consent changes nothing and says so', async (t) => {
    const owner = await newOwner({});
    const tile = await openTile(t, browser);
    const popup = await openConsent(tile);
    await chooseAccount(popup, owner.accountId);
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await tile.shows('Access was not granted.');
    await tile.button('Connect Confluence').waitFor();
  });

  await t.test('an account without a Confluence site connects nothing and learns why', async (t) => {
    const owner = await newOwner();
    const { cloudId } = await control<{ cloudId: string }>('POST', '/sites/empty', {
      name: `jira-${owner.accountId.slice(-8)}`,
      ...{ confluence: false, jira: true, accounts: [owner.accountId] },
    });
    const tile = await openTile(t, browser);
    await consent(await openConsent(tile), owner, [{ cloudId, name: '', url: '' }]);
    await tile.shows('No Confluence site.');
    await tile.button('Connect Confluence').waitFor();
  });

  await t.test('a blocked window is explained, and a link leads the same way', async (t) => {
    const owner = await newOwner({});
    const tile = await openTile(t, browser, {
      prepare: (context) => context.addInitScript('window.open = () => null'),
    });
    await tile.button('Connect Confluence').click();
    await tile.shows('Your browser blocked the window.');
    const popup = tile.page.waitForEvent('popup');
    await tile.page.getByRole('link', { name: 'Open Atlassian' }).click();
    await consent(await popup, owner, owner.sites);
    await tile.shows('Confluence connected');
  });

  await t.test('a window that lost its tie to the dashboard finishes over its link', async (t) => {
    const owner = await newOwner({});
    const tile = await openTile(t, browser, {
      prepare: (context) =>
        context.addInitScript(
          "if (location.pathname.endsWith('/callback')) Object.defineProperty(window, 'opener', { value: null })",
        ),
    });
    const popup = await openConsent(tile);
    await consent(popup, owner, owner.sites);
    await popup.getByRole('link', { name: 'Finish in the dashboard' }).click();
    await popup.locator('confluence-tile').getByText('Confluence connected').waitFor();
    assert.equal(new URL(popup.url()).hash, '', 'the completion leaves the address');
    await tile.section('Confluence connected').getByRole('button', { name: 'Trigger sync' }).waitFor();
  });

  await t.test('a message that is not from the consent page is ignored', async (t) => {
    const tile = await openTile(t, browser);
    await openConsent(tile);
    await tile.page.evaluate("window.postMessage({ type: 'confluence', status: 'denied' }, '*')");
    await tile.page.evaluate('new Promise((resolve) => setTimeout(resolve))');
    await tile.shows('Go on in the Atlassian window.');
    assert.equal(await tile.page.getByText('Access was not granted.').count(), 0);
    await tile.button('Cancel').click();
    await tile.button('Connect Confluence').waitFor();
  });
});
