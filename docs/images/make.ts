import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { control, type Owner, type SimulatedSite } from '../../test/browser/support/simulator.ts';
import { openTile } from '../../test/browser/support/tile-page.ts';
import { tour } from '../../test/browser/support/tour.ts';
import { launchBrowser } from '../../test/support/browser.ts';
import { smallPng } from './small-png.ts';

/**
 * Takes the pictures of the documentation: the states of the tile in light and dark, on a phone and on a desk.
 *
 *     node test/run.ts docs/images/make.ts
 */

const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  ([360, 1440] as const).map((width) => ({ colorScheme, width })),
);
/** States that look much like another one. */
const NOT_PICTURED = new Set(['consent-window', 'change-site', 'new-key', 'remove-agent', 'nothing-found']);

const MAX_BYTES = 60_000;
const HEIGHTS = { 360: 800, 1440: 680 } as const;

test('pictures of every state', async (t) => {
  const tile = await openTile(t, await launchBrowser(t), { tenantId: 'acme' });
  await tour(tile, {
    owner: await demoOwner(),
    searchFor: 'vpn',
    async visit(state, showing) {
      if (NOT_PICTURED.has(state)) return;
      for (const { colorScheme, width } of LOOKS) {
        await tile.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await tile.page.setViewportSize({ width, height: HEIGHTS[width] });
        await tile.page.evaluate('scrollTo(0, 0)');
        await showing?.evaluate((element) => element.scrollIntoView());
        const file = join(import.meta.dirname, `${state}-${colorScheme}-${width}.png`);
        writeFileSync(file, smallPng(await tile.page.screenshot(), MAX_BYTES));
      }
    },
  });
});

/** The demo account that may choose between three sites, the knowledge base first. */
async function demoOwner(): Promise<Owner> {
  const { sites } = await control<{ sites: (SimulatedSite & { confluence: number | boolean })[] }>('GET', '/sites');
  const names = ['acme', 'northwind', 'tailspin'];
  return {
    accountId: '712020:a1ec0ad3-0000-4000-8000-000000000001',
    name: 'Alex Admin',
    sites: names.flatMap((name) => sites.filter((site) => site.name === name)),
  };
}
