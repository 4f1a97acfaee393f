import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '../simulator.ts';
import { generatedSiteSchema, generateSite } from './generator.ts';
import { loadKnowledgeBase } from './knowledge-base.ts';
import { createSite, MAIN_ACCOUNT } from './site-setup.ts';
import { listSites } from './sites.ts';

/** The accounts to sign in with. They differ in the sites that the consent page offers them. */
export const DEMO_ACCOUNTS = {
  /** Three sites with Confluence and one with Jira only. */
  admin: { accountId: MAIN_ACCOUNT, displayName: 'Alex Admin', email: 'alex@acme.example', timeZone: 'Europe/Berlin' },
  /** One site. */
  single: {
    accountId: '712020:a1ec0ad3-0000-4000-8000-000000000002',
    displayName: 'Sam Single',
    email: 'sam@acme.example',
    timeZone: 'America/New_York',
  },
  /** A site without Confluence. */
  jiraOnly: {
    accountId: '712020:a1ec0ad3-0000-4000-8000-000000000003',
    displayName: 'Jo Jira',
    email: 'jo@harbour.example',
    timeZone: 'Asia/Kolkata',
  },
  /** No site at all. */
  nobody: {
    accountId: '712020:a1ec0ad3-0000-4000-8000-000000000004',
    displayName: 'Nora Nosite',
    email: 'nora@example.com',
    timeZone: 'UTC',
  },
} as const;

const KNOWLEDGE_BASE = fileURLToPath(new URL('../knowledge-base/', import.meta.url));

/** Fills an empty data folder: `acme` with the knowledge base, two generated sites and one with Jira only. */
export function loadDemo(simulator: Simulator): void {
  if (listSites(simulator).length > 0) return;
  const { admin, single, jiraOnly } = DEMO_ACCOUNTS;
  const acmeAccounts = [admin.accountId, single.accountId];
  simulator.database.transaction(() => {
    if (existsSync(join(KNOWLEDGE_BASE, 'site.json'))) {
      loadKnowledgeBase(simulator, KNOWLEDGE_BASE, 'acme', acmeAccounts);
    } else {
      generateSite(
        simulator,
        generatedSiteSchema.parse({ name: 'acme', seed: 1, pages: 60, jira: true, accounts: acmeAccounts }),
      );
    }
    const everyType = [
      'global',
      'personal',
      'knowledge_base',
      'system',
      'collaboration',
      'onboarding',
      'xflow_sample_space',
    ];
    generateSite(
      simulator,
      generatedSiteSchema.parse({
        ...{ name: 'northwind', seed: 2, pages: 140, spaces: 7, spaceTypes: everyType, folders: 3, blogposts: 5 },
        ...{ archivedPages: 6, trashedPages: 4, attachments: 25, jira: true, accounts: [admin.accountId] },
      }),
    );
    generateSite(
      simulator,
      generatedSiteSchema.parse({
        name: 'tailspin',
        seed: 3,
        pages: 40,
        spaces: 2,
        attachments: 5,
        accounts: [admin.accountId],
      }),
    );
    createSite(simulator, {
      name: 'harbour',
      confluence: false,
      jira: true,
      accounts: [admin.accountId, jiraOnly.accountId],
    });
  });
}

/** The accounts exist on every simulator, with or without the demo's sites. */
export function addAccounts({ database, clock }: Simulator): void {
  for (const account of Object.values(DEMO_ACCOUNTS)) {
    database.run(
      'INSERT OR IGNORE INTO account (accountId, displayName, email, timeZone, updatedAt, canSignIn) VALUES (?, ?, ?, ?, ?, 1)',
      account.accountId,
      account.displayName,
      account.email,
      account.timeZone,
      clock.now(),
    );
  }
}
