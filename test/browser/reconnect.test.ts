import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { stack } from '../support/stack.ts';
import { control, newOwner } from './support/simulator.ts';
import { connect, consent, openConsent, openTile, type TilePage } from './support/tile-page.ts';

test('Changing and ending the connection in the dashboard', async (t) => {
  const browser = await launchBrowser(t);

  await t.test('another site can be chosen later without a new consent', async (t) => {
    const owner = await newOwner({ pages: 3 }, { pages: 7 });
    const tile = await openTile(t, browser);
    await consent(await openConsent(tile), owner, owner.sites);
    await tile.page.getByRole('radio', { name: owner.sites[0]?.url ?? '' }).check();
    await tile.button('Use this site').click();
    const searchBox = tile.page.getByRole('searchbox');
    await searchBox.fill('half a sen');
    await tile.button('Change site').click();
    await tile.button('Cancel').click();
    assert.equal(await searchBox.inputValue(), 'half a sen', 'what a person types stays');
    await tile.button('Change site').click();
    await tile.page.getByRole('radio', { name: owner.sites[1]?.url ?? '' }).check();
    await tile.button('Use this site').click();
    await tile
      .section('Confluence connected')
      .getByRole('link', { name: owner.sites[1]?.url ?? '' })
      .waitFor();
    await tile.section('Recent syncs').getByText('7 pages added or updated').waitFor();
  });

  await t.test('a grant revoked at Atlassian shows the reason, and Reconnect renews it', async (t) => {
    const owner = await newOwner({ pages: 5 });
    const tile = await openTile(t, browser);
    await connect(tile, owner);
    await control('POST', '/grants/revoke', { accountId: owner.accountId });
    await tile.button('Trigger sync').click();
    await tile.shows('Confluence has to be reconnected');
    await tile.shows(/does not accept our access any more/);
    await tile.page.locator('#notices').getByText('Confluence needs you').waitFor();
    await consent(await openConsent(tile, 'Reconnect'), owner, owner.sites);
    await tile.shows('Confluence connected');
    await tile.section('Search the index').waitFor();
  });

  await t.test('reconnecting without the present site asks for the new one and changes nothing before', async (t) => {
    const owner = await newOwner({ pages: 3 });
    const other = await newOwner({ pages: 4 });
    const tile = await openTile(t, browser);
    await connect(tile, owner);
    await consent(await openConsent(tile, 'Reconnect'), other, other.sites);
    await tile.shows('Choose the site to sync from now on');
    await tile
      .section('Confluence connected')
      .getByRole('link', { name: owner.sites[0]?.url ?? '' })
      .waitFor();
    await tile.page.getByRole('radio', { name: other.sites[0]?.url ?? '' }).check();
    await tile.button('Use this site').click();
    await tile
      .section('Confluence connected')
      .getByRole('link', { name: other.sites[0]?.url ?? '' })
      .waitFor();
  });

  await t.test('Disconnect says what happens, asks first, and ends search at once', async (t) => {
    const owner = await newOwner({ pages: 5 });
    const tile = await openTile(t, browser);
    await connect(tile, owner);
    await tile.button('Disconnect').click();
    const dialog = tile.page.getByRole('dialog', { name: 'Disconnect Confluence?' });
    await dialog.getByText('Nothing changes in Confluence itself.').waitFor();
    const link = dialog.getByRole('link', { name: /id\.atlassian\.com/ });
    assert.equal(await link.getAttribute('href'), 'https://id.atlassian.com/manage-profile/apps');
    for (const leave of [
      () => tile.page.keyboard.press('Escape'),
      () => dialog.getByRole('button', { name: 'Keep connected' }).click(),
    ]) {
      await leave();
      await dialog.waitFor({ state: 'detached' });
      assert.equal(await focusedText(tile), 'Disconnect', 'the focus returns to the button');
      await tile.button('Disconnect').click();
    }
    await dialog.getByRole('button', { name: 'Disconnect' }).click();
    await tile.button('Connect Confluence').waitFor();
    await tile.shows(/index of the former connection is hidden and will be deleted on/);
    const search = await stack().dashboard(`/api/tenants/${tile.tenantId}/confluence/search?q=a`);
    assert.equal(search.status, 409);
  });
});

function focusedText({ page }: TilePage): Promise<unknown> {
  return page.evaluate("document.querySelector('confluence-tile').shadowRoot.activeElement?.textContent");
}
