import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { newContext } from '../../support/browser.ts';
import { newTenantId, stack } from '../../support/stack.ts';
import type { Owner, SimulatedSite } from './simulator.ts';

/** A browser window on the sample dashboard of one tenant. */
export interface TilePage {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly tenantId: string;
  /** The tile itself. */
  readonly element: Locator;
  /** The tile's button of this name. */
  button(name: string): Locator;
  /** The tile's section under this heading. */
  section(title: string): Locator;
  /** Waits until the tile shows this text. */
  shows(text: string | RegExp): Promise<void>;
}

const WAIT_MS = 20_000;

/** Opens the dashboard of a tenant that no other test knows. What goes wrong in the page fails the test. */
export async function openTile(
  t: TestContext,
  browser: Browser,
  {
    tenantId = newTenantId(),
    prepare,
  }: { tenantId?: string; prepare?: (context: BrowserContext) => Promise<unknown> } = {},
): Promise<TilePage> {
  const context = await newContext(t, browser);
  context.setDefaultTimeout(WAIT_MS);
  await prepare?.(context);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  t.after(() => assert.deepEqual(errors, [], 'errors in the page'));
  await page.goto(`${stack().dashboardUrl}/?tenant=${tenantId}`);
  const element = page.locator('confluence-tile');
  return {
    context,
    page,
    tenantId,
    element,
    button: (name) => element.getByRole('button', { name, exact: true }),
    section: (title) => element.getByRole('region', { name: title, exact: true }),
    shows: (text) => element.getByText(text).first().waitFor(),
  };
}

/** Answers Atlassian's consent in its window. */
export async function consent(popup: Page, { accountId }: Owner, sites: readonly SimulatedSite[]): Promise<void> {
  await chooseAccount(popup, accountId);
  for (const box of await popup.getByRole('checkbox').all()) {
    const cloudId = await box.getAttribute('value');
    await box.setChecked(sites.some((site) => site.cloudId === cloudId));
  }
  await popup.getByRole('button', { name: 'Accept' }).click();
}

/** The choice reloads the consent page with the sites of that account. */
export async function chooseAccount(popup: Page, accountId: string): Promise<void> {
  await popup.getByLabel('Signed in as').selectOption(accountId);
  await popup.locator(`input[name="account"][value="${accountId}"]`).waitFor({ state: 'attached' });
}

/** Clicks a button that opens Atlassian's window. */
export async function openConsent(tile: TilePage, button = 'Connect Confluence'): Promise<Page> {
  const popup = tile.page.waitForEvent('popup');
  await tile.button(button).click();
  const window = await popup;
  await window.getByRole('button', { name: 'Accept' }).waitFor();
  return window;
}

/** Connects with the first of the owner's sites and waits for the end of the first sync. */
export async function connect(tile: TilePage, owner: Owner): Promise<void> {
  await consent(await openConsent(tile), owner, owner.sites.slice(0, 1));
  await tile.shows('Confluence connected');
  await tile.section('Recent syncs').getByText('Done').waitFor();
}
