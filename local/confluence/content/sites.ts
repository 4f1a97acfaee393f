import type { Simulator } from '../simulator.ts';

/** One Atlassian site. */
export interface Site {
  /** The simulator's own number of it. */
  site: number;
  cloudId: string;
  name: string;
  /** `https://acme.atlassian.net`; nobody listens there. */
  url: string;
  confluence: number;
  jira: number;
  removed: number;
  seed: number;
  /** Average size of a generated body. */
  bodyBytes: number;
  /** How many generated people and pages it has. */
  users: number;
  pages: number;
}

export function findSite({ database }: Simulator, cloudId: string): Site | undefined {
  return database.get<Site>('SELECT * FROM site WHERE cloudId = ?', cloudId);
}

export function findSiteByName({ database }: Simulator, name: string): Site | undefined {
  return database.get<Site>('SELECT * FROM site WHERE name = ?', name);
}

export function listSites({ database }: Simulator): Site[] {
  return database.all<Site>('SELECT * FROM site ORDER BY site');
}

/** Takes the next content id of a site, a little above the last one: real ids have gaps. */
export function takeId({ database }: Simulator, site: number): number {
  const row = database.get<{ nextId: number }>('SELECT nextId FROM site WHERE site = ?', site);
  if (!row) throw new Error(`no site ${site}`);
  database.run('UPDATE site SET nextId = nextId + ? WHERE site = ?', 1 + (row.nextId % 7), site);
  return row.nextId;
}
