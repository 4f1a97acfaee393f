import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Simulator } from '../simulator.ts';
import { addAttachment, addLabel } from './edits.ts';
import { refreshVisibility } from './restrictions.ts';
import { indexWholeSite } from './search-index.ts';
import { createSite } from './site-setup.ts';
import { findSite, type Site, takeId } from './sites.ts';

const DAY_MS = 86_400_000;

const siteSchema = z.object({
  people: z.array(
    z.object({ accountId: z.string(), displayName: z.string(), email: z.string(), timeZone: z.string() }),
  ),
  spaces: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      type: z.string(),
      status: z.enum(['current', 'archived']),
      description: z.string(),
    }),
  ),
});

const indexSchema = z.array(
  z.object({
    slug: z.string().regex(/^[a-z0-9-]+$/),
    title: z.string().min(1),
    parent: z.string().optional(),
    status: z.enum(['current', 'archived', 'trashed', 'draft']).default('current'),
    type: z.enum(['page', 'blogpost']).default('page'),
    labels: z.array(z.string()).default([]),
    author: z.string(),
    editor: z.string().optional(),
    createdDaysAgo: z.number().nonnegative(),
    modifiedDaysAgo: z.number().nonnegative(),
    attachments: z
      .array(
        z.object({
          fileName: z.string(),
          mediaType: z.string(),
          sizeBytes: z.int().nonnegative(),
          comment: z.string().optional(),
        }),
      )
      .default([]),
    restricted: z.boolean().default(false),
  }),
);
type Entry = z.infer<typeof indexSchema>[number];

/** The folder's content is not what the format says. */
export class BadKnowledgeBase extends Error {
  override readonly name = 'BadKnowledgeBase' as const;
}

interface Load {
  simulator: Simulator;
  site: Site;
  folder: string;
}

/** Creates a site from a folder of hand-written content: `site.json`, and `<KEY>/index.json` with `<slug>.xml` bodies. */
export function loadKnowledgeBase(
  simulator: Simulator,
  folder: string,
  name: string,
  accounts?: readonly string[],
): Site {
  const { people, spaces } = parseFile(siteSchema, join(folder, 'site.json'));
  return simulator.database.transaction(() => {
    const site = createSite(simulator, { name, confluence: true, jira: true, users: people.length, accounts });
    const load = { simulator, site, folder };
    for (const person of people) {
      simulator.database.run(
        'INSERT OR IGNORE INTO account (accountId, displayName, email, timeZone, updatedAt) VALUES (?, ?, ?, ?, ?)',
        person.accountId,
        person.displayName,
        person.email,
        person.timeZone,
        simulator.clock.now(),
      );
    }
    for (const space of spaces) loadSpace(load, space, people[0]?.accountId ?? '');
    indexWholeSite(simulator, site);
    return findSite(simulator, site.cloudId) ?? site;
  });
}

function loadSpace(load: Load, space: z.infer<typeof siteSchema>['spaces'][number], ownerId: string): void {
  const { database, clock } = load.simulator;
  const { site } = load.site;
  const spaceId = takeId(load.simulator, site);
  const entries = existsSync(join(load.folder, space.key))
    ? parseFile(indexSchema, join(load.folder, space.key, 'index.json'))
    : [];
  const oldest = Math.max(1, ...entries.map((entry) => entry.createdDaysAgo));
  database.run(
    'INSERT INTO space (site, id, key, name, type, status, description, authorId, createdAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    site,
    spaceId,
    space.key,
    space.name,
    space.type,
    space.status,
    space.description,
    entries[0]?.author ?? ownerId,
    clock.now() - oldest * DAY_MS,
  );
  const idsBySlug = new Map(entries.map((entry) => [entry.slug, takeId(load.simulator, site)]));
  entries.forEach((entry, position) => {
    loadEntry(load, { spaceId, key: space.key }, entry, position, idsBySlug);
  });
  const home = entries.find((entry) => entry.type === 'page' && !entry.parent && entry.status === 'current');
  if (home) {
    database.run(
      'UPDATE space SET homepageId = ? WHERE site = ? AND id = ?',
      idsBySlug.get(home.slug) ?? null,
      site,
      spaceId,
    );
  }
}

function loadEntry(
  { simulator, site, folder }: Load,
  space: { spaceId: number; key: string },
  entry: Entry,
  position: number,
  idsBySlug: ReadonlyMap<string, number>,
): void {
  const { database, clock } = simulator;
  const id = idsBySlug.get(entry.slug) ?? 0;
  const parentId = entry.parent === undefined ? undefined : idsBySlug.get(entry.parent);
  if (entry.parent !== undefined && parentId === undefined) {
    throw new BadKnowledgeBase(
      `${space.key}/index.json: ${entry.slug} names a parent that does not exist: ${entry.parent}`,
    );
  }
  const createdAt = Math.floor(clock.now() - entry.createdDaysAgo * DAY_MS);
  const versionAt = Math.floor(clock.now() - Math.min(entry.modifiedDaysAgo, entry.createdDaysAgo) * DAY_MS);
  const versionNumber = versionAt > createdAt ? 2 : 1;
  const restrictedTo = entry.restricted ? entry.author : null;
  database.run(
    `INSERT INTO content (site, id, kind, spaceId, status, title, parentId, parentType, position, authorId, ownerId,
       createdAt, versionNumber, versionAt, versionAuthorId, bodyVersion, restrictedTo, visibleTo)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
    site.site,
    id,
    entry.type,
    space.spaceId,
    entry.status,
    entry.title,
    parentId ?? null,
    parentId === undefined ? null : 'page',
    position,
    entry.author,
    entry.author,
    createdAt,
    versionNumber,
    versionAt,
    entry.editor ?? entry.author,
    restrictedTo,
    restrictedTo,
  );
  if (entry.parent !== undefined || restrictedTo !== null) refreshVisibility(simulator, site.site, id);
  const storage = readFileSync(join(folder, space.key, `${entry.slug}.xml`), 'utf8').trim();
  database.run('INSERT INTO body VALUES (?, ?, 1, ?)', site.site, id, storage);
  for (const label of entry.labels) addLabel(simulator, site.site, id, 'global', label);
  for (const attachment of entry.attachments) {
    addAttachment(simulator, site.site, id, { ...attachment, accountId: entry.author, at: versionAt });
  }
}

function parseFile<Schema extends z.ZodType>(schema: Schema, file: string): z.infer<Schema> {
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new BadKnowledgeBase(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
