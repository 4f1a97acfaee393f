import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';
import { createContent, editContent } from '../content/mutations.ts';
import { Random } from '../content/random.ts';
import { findSite } from '../content/sites.ts';
import { createSpace } from '../content/space-mutations.ts';
import { json } from '../http/exchange.ts';
import { PAGE_ACTIONS } from './page-actions.ts';
import { type ControlRequest, type ControlRoute, Refused, siteOf } from './request.ts';
import { SPACE_ACTIONS, spaceIdOf } from './space-actions.ts';

const newPageSchema = z.strictObject({
  spaceKey: z.string(),
  title: z.string().min(1),
  storage: z.string().default('<p></p>'),
  kind: z.enum(['page', 'blogpost']).default('page'),
  parentId: z.coerce.number().optional(),
  status: z.enum(['current', 'draft', 'archived', 'trashed']).default('current'),
  subtype: z.literal('live').optional(),
  accountId: z.string().optional(),
});

function createPage(request: ControlRequest) {
  const { site } = siteOf(request);
  const { spaceKey, ...page } = newPageSchema.parse(request.body);
  const id = createContent(request.simulator, site, { ...page, spaceId: spaceIdOf(request.simulator, site, spaceKey) });
  return json(201, { id: String(id) });
}

function actOnPage(request: ControlRequest) {
  const { site } = siteOf(request);
  const { id = '', action = '' } = request.params;
  const act = PAGE_ACTIONS[action];
  if (!act) throw new Refused(404, `no such action: ${action}; there are ${Object.keys(PAGE_ACTIONS).join(', ')}`);
  act(request.simulator, site, Number(id), request.body);
  return json(200, { id, action });
}

const manyEditsSchema = z.strictObject({ count: z.int().positive(), seed: z.int().default(1) });

/** Edits that many current pages, chosen by the seed, as on a busy day. */
function editMany(request: ControlRequest) {
  const { simulator } = request;
  const { site } = siteOf(request);
  const { count, seed } = manyEditsSchema.parse(request.body);
  const all = simulator.database.all<{ id: number }>(
    "SELECT id FROM content WHERE site = ? AND kind = 'page' AND status = 'current'",
    site,
  );
  const random = new Random(seed, 17);
  const ids = Array.from({ length: Math.min(count, all.length) }, () => {
    const [chosen] = all.splice(random.below(all.length), 1);
    return chosen?.id ?? 0;
  });
  simulator.database.transaction(() => {
    for (const id of ids) editContent(simulator, site, id, { rewrite: true });
  });
  return json(200, { ids: ids.map(String) });
}

const newSpaceSchema = z.strictObject({
  key: z.string().regex(/^~?[A-Za-z0-9]+$/),
  name: z.string().min(1),
  type: z.string().default('global'),
  description: z.string().default(''),
});

function newSpace(request: ControlRequest) {
  const { site } = siteOf(request);
  const space = newSpaceSchema.parse(request.body);
  const known = request.simulator.database.get('SELECT 1 FROM space WHERE site = ? AND key = ?', site, space.key);
  if (known) throw new Refused(409, `there is a space ${space.key} already`);
  return json(201, { id: String(createSpace(request.simulator, site, space)) });
}

function actOnSpace(request: ControlRequest) {
  const { site } = siteOf(request);
  const { key = '', action = '' } = request.params;
  const act = SPACE_ACTIONS[action];
  if (!act) throw new Refused(404, `no such action: ${action}; there are ${Object.keys(SPACE_ACTIONS).join(', ')}`);
  act(request.simulator, site, spaceIdOf(request.simulator, site, key), request.body);
  return json(200, { key, action });
}

const importSchema = z.strictObject({ cloudId: z.string(), spaceKey: z.string(), folder: z.string().min(1) });

/** Every `*.xml` of a folder becomes a page named like the file. */
function importFolder({ simulator, body }: ControlRequest) {
  const { cloudId, spaceKey, folder } = importSchema.parse(body);
  const site = findSite(simulator, cloudId);
  if (!site) throw new Refused(404, `there is no site with the cloudId ${cloudId}`);
  const spaceId = spaceIdOf(simulator, site.site, spaceKey);
  const files = readdirSync(folder)
    .filter((file) => extname(file) === '.xml')
    .sort();
  const pages = simulator.database.transaction(() =>
    files.map((file) => {
      const storage = readFileSync(join(folder, file), 'utf8');
      const title = basename(file, '.xml');
      const id = createContent(simulator, site.site, { kind: 'page', spaceId, title, storage, status: 'current' });
      return { id: String(id), title };
    }),
  );
  return json(201, { pages });
}

/** Changes of content. */
export const contentRoutes: readonly ControlRoute[] = [
  ['POST', '/sites/:cloudId/pages', createPage],
  ['POST', '/sites/:cloudId/pages/edit-many', editMany],
  ['POST', '/sites/:cloudId/pages/:id/:action', actOnPage],
  ['POST', '/sites/:cloudId/spaces', newSpace],
  ['POST', '/sites/:cloudId/spaces/:key/:action', actOnSpace],
  ['POST', '/import', importFolder],
];
