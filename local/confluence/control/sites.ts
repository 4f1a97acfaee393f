import { generatedSiteSchema, generateSite } from '../content/generator.ts';
import { listSites } from '../content/sites.ts';
import { json } from '../http/exchange.ts';
import { type ControlRoute, siteOf } from './request.ts';

/** Sites as a whole. */
export const siteRoutes: readonly ControlRoute[] = [
  ['GET', '/sites', ({ simulator }) => json(200, { sites: listSites(simulator) })],
  ['POST', '/sites', ({ simulator, body }) => json(201, generateSite(simulator, generatedSiteSchema.parse(body)))],
  [
    'DELETE',
    '/sites/:cloudId',
    (request) => {
      const { site } = siteOf(request);
      request.simulator.database.run('UPDATE site SET removed = 1 WHERE site = ?', site);
      return json(200, { removed: true });
    },
  ],
];
