import type { TestContext } from 'node:test';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium as playwright } from 'playwright-core';

// Not the package's own list: it is made for functions in the cloud and switches off web security and processes.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'];

/** A browser of the npm packages, so that nothing of the machine is needed (Linux on x64). It ends with the test. */
export async function launchBrowser(t: TestContext): Promise<Browser> {
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: FLAGS,
    headless: true,
  });
  t.after(() => browser.close());
  return browser;
}

/** A fresh profile in a browser: no cookie of another test. */
export async function newContext(t: TestContext, browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext();
  t.after(() => context.close());
  return context;
}
