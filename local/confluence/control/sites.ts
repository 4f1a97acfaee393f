import { z } from 'zod';
import { generatedSiteSchema, generateSite } from '../content/generator.ts';
import { loadKnowledgeBase } from '../content/knowledge-base.ts';
import { createSite } from '../content/site-setup.ts';
import { listSites } from '../content/sites.ts';
import { truthOf } from '../content/truth.ts';
import { json } from '../http/exchange.ts';
import { type ControlRoute, siteOf } from './request.ts';

const knowledgeBaseSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  folder: z.string().min(1),
  accounts: z.array(z.string()).optional(),
});
const emptySiteSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  confluence: z.boolean().default(true),
  jira: z.boolean().default(false),
  accounts: z.array(z.string()).optional(),
});

/** Sites as a whole. */
export const siteRoutes: readonly ControlRoute[] = [
  ['GET', '/sites', ({ simulator }) => json(200, { sites: listSites(simulator) })],
  ['POST', '/sites', ({ simulator, body }) => json(201, generateSite(simulator, generatedSiteSchema.parse(body)))],
  ['POST', '/sites/empty', ({ simulator, body }) => json(201, createSite(simulator, emptySiteSchema.parse(body)))],
  [
    'POST',
    '/sites/knowledge-base',
    ({ simulator, body }) => {
      const { folder, name, accounts } = knowledgeBaseSchema.parse(body);
      return json(201, loadKnowledgeBase(simulator, folder, name, accounts));
    },
  ],
  ['DELETE', '/sites/:cloudId', (request) => setRemoved(request, true)],
  ['POST', '/sites/:cloudId/return', (request) => setRemoved(request, false)],
  [
    'GET',
    '/sites/:cloudId/truth',
    (request) => ({
      status: 200,
      headers: { 'content-type': 'application/x-ndjson' },
      body: truthOf(request.simulator, siteOf(request), request.query.get('bodies') === 'storage'),
    }),
  ],
];

/** A removed site answers 404 and leaves accessible-resources; its content stays for its return. */
function setRemoved(request: Parameters<ControlRoute[2]>[0], removed: boolean) {
  const { site } = siteOf(request);
  request.simulator.database.run('UPDATE site SET removed = ? WHERE site = ?', removed ? 1 : 0, site);
  return json(200, { removed });
}
