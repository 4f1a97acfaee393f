import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../support/browser.ts';
import { stack } from '../support/stack.ts';
import { newOwner } from './support/simulator.ts';
import { chooseAccount, connect, consent, openConsent, openTile } from './support/tile-page.ts';

test('Connecting Confluence in the dashboard', async (t) => {
  const browser = await launchBrowser(t);

  await t.test(
    'with one site the window closes, the card turns green and the first sync counts its pages',
    async (t) => {
      const owner = await newOwner({ pages: 12 });
      const [site] = owner.sites;
      const tile = await openTile(t, browser);
      await tile.shows(/unverified app/);
      const popup = await openConsent(tile);
      const closed = popup.waitForEvent('close');
      await consent(popup, owner, owner.sites);
      await closed;
      const card = tile.section('Confluence connected');
      await card.getByRole('link', { name: site?.url ?? '' }).waitFor();
      await card.getByText(owner.name).waitFor();
      await tile.section('Recent syncs').getByText('12 pages added or updated').waitFor();
      assert.match(await tile.section('Sync').innerText(), /Pages\s+12\s/);
    },
  );
});
