import type { Simulator } from '../simulator.ts';
import { uuidOf } from './people.ts';
import type { Site } from './sites.ts';

/** Content ids begin here on every site: ids are unique per site only, and overlap between sites in reality too. */
const FIRST_ID = 98_305;

export interface NewSite {
  name: string;
  confluence: boolean;
  jira?: boolean | undefined;
  seed?: number | undefined;
  bodyBytes?: number | undefined;
  users?: number | undefined;
  pages?: number | undefined;
  accounts?: readonly string[] | undefined;
}

/** Creates an empty site and gives accounts access to it (by default the main demo account). */
export function createSite({ database, clock }: Simulator, options: NewSite): Site {
  const cloudId = uuidOf(`site ${options.name}`);
  if (database.get('SELECT 1 FROM site WHERE cloudId = ?', cloudId)) throw new SiteExists(options.name);
  database.run(
    `INSERT INTO site (cloudId, name, url, confluence, jira, seed, bodyBytes, users, pages, nextId, createdAt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    cloudId,
    options.name,
    `https://${options.name}.atlassian.net`,
    options.confluence ? 1 : 0,
    options.jira ? 1 : 0,
    options.seed ?? 0,
    options.bodyBytes ?? 3_000,
    options.users ?? 0,
    options.pages ?? 0,
    FIRST_ID,
    clock.now(),
  );
  const site = database.get<Site>('SELECT * FROM site WHERE cloudId = ?', cloudId);
  if (!site) throw new Error(`site ${options.name} was not stored`);
  for (const accountId of options.accounts ?? [MAIN_ACCOUNT])
    giveAccess(database, accountId, site.site, options.confluence);
  return site;
}

/** The demo account that has access to every site unless others are named. */
export const MAIN_ACCOUNT = '712020:a1ec0ad3-0000-4000-8000-000000000001';

export class SiteExists extends Error {
  override readonly name = 'SiteExists' as const;

  constructor(name: string) {
    super(`a site named ${name} exists already`);
  }
}

function giveAccess(database: Simulator['database'], accountId: string, site: number, confluence: boolean): void {
  database.run('INSERT OR REPLACE INTO siteAccess VALUES (?, ?, ?)', accountId, site, confluence ? 1 : 0);
}
