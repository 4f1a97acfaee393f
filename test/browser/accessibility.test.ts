import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { newOwner } from './support/simulator.ts';
import { openTile } from './support/tile-page.ts';
import { tour } from './support/tour.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Every theme and every width, without every pair of them. */
const LOOKS = [
  { colorScheme: 'light', width: 360 },
  { colorScheme: 'dark', width: 1440 },
] as const;

test('axe finds no violation in any state of the tile, and nothing is wider than a phone', async (t) => {
  const browser = await launchBrowser(t);
  const owner = await newOwner({ pages: 14, spaces: 3, attachments: 3 }, { pages: 1 }, { pages: 1 });
  const tile = await openTile(t, browser, { prepare: (context) => context.addInitScript({ path: AXE }) });
  const states: string[] = [];
  await tour(tile, {
    owner,
    searchFor: 'the',
    async visit(state) {
      states.push(state);
      for (const { colorScheme, width } of LOOKS) {
        await tile.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await tile.page.setViewportSize({ width, height: 900 });
        assert.deepEqual(await violations(tile.page), [], `${state}, ${colorScheme}, ${width} px`);
        assert.equal(await overflow(tile.page), 0, `${state} is wider than ${width} px`);
      }
    },
  });
  assert.equal(states.length, 21);
});

/** What axe objects to, in short. */
async function violations(page: Page): Promise<string[]> {
  return (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => id + ': ' + help + ' at ' + target.join(' '))))`)) as string[];
}

async function overflow(page: Page): Promise<number> {
  return (await page.evaluate(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  )) as number;
}
