import { z } from 'zod';
import type { Simulator } from '../simulator.ts';
import { generatedAccountId, generatedName } from './people.ts';
import { Random } from './random.ts';
import { indexWholeSite } from './search-index.ts';
import { createSite } from './site-setup.ts';
import { findSite, type Site, takeId } from './sites.ts';
import { generatedTitle } from './titles.ts';
import { ATTACHMENT_KINDS, LABEL_NAMES, SPACE_NAMES } from './vocabulary.ts';

const DAY_MS = 86_400_000;
const SPACE_TYPES = [
  'global',
  'collaboration',
  'knowledge_base',
  'personal',
  'system',
  'onboarding',
  'xflow_sample_space',
];

/** A site to be generated. Counts are exact; `pages` are current pages, the other kinds come on top. */
export const generatedSiteSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,40}$/),
  seed: z.int().nonnegative().default(1),
  pages: z.int().nonnegative().max(1_000_000).default(100),
  spaces: z.int().positive().max(5_000).default(3),
  /** Given to the spaces in turn. */
  spaceTypes: z.array(z.enum(SPACE_TYPES)).min(1).default(['global', 'knowledge_base', 'collaboration']),
  archivedPages: z.int().nonnegative().default(0),
  trashedPages: z.int().nonnegative().default(0),
  blogposts: z.int().nonnegative().default(0),
  /** Folders that stand between pages and are the parents of some. */
  folders: z.int().nonnegative().default(0),
  labels: z.int().nonnegative().max(20_000).default(20),
  labelsPerPage: z.int().nonnegative().max(20).default(2),
  attachments: z.int().nonnegative().default(0),
  users: z.int().positive().max(50_000).default(50),
  bodyBytes: z.int().positive().max(5_000_000).default(3_000),
  /** How far back pages go; nothing is younger than an hour. */
  createdDaysAgo: z.number().positive().default(700),
  jira: z.boolean().default(false),
  /** Accounts that may sign in and have Confluence here. */
  accounts: z.array(z.string()).optional(),
});
export type GeneratedSite = z.infer<typeof generatedSiteSchema>;

interface Growth {
  simulator: Simulator;
  site: Site;
  options: GeneratedSite;
  random: Random;
  now: number;
}

/** Creates a site of any size from its seed; bodies are made when they are read. 200,000 pages take seconds. */
export function generateSite(simulator: Simulator, options: GeneratedSite): Site {
  return simulator.database.transaction(() => {
    const site = createSite(simulator, { ...options, confluence: true });
    const growth = { simulator, site, options, random: new Random(options.seed, 99), now: simulator.clock.now() };
    addPeople(growth);
    const spaceIds = addSpaces(growth);
    const pageIds = addPages(growth, spaceIds);
    addLabels(growth, pageIds);
    addAttachments(growth, pageIds);
    indexWholeSite(simulator, site);
    return findSite(simulator, site.cloudId) ?? site;
  });
}

function addPeople({ simulator, options, now }: Growth): void {
  for (let index = 0; index < options.users; index++) {
    const name = generatedName(index);
    simulator.database.run(
      'INSERT OR IGNORE INTO account (accountId, displayName, email, timeZone, updatedAt) VALUES (?, ?, ?, ?, ?)',
      generatedAccountId(options.seed, index),
      name,
      `person${index}@${options.name}.example`,
      'Europe/Berlin',
      now,
    );
  }
}

function addSpaces({ simulator, site, options, now }: Growth): number[] {
  return Array.from({ length: options.spaces }, (_, index) => {
    const id = takeId(simulator, site.site);
    const type = options.spaceTypes[index % options.spaceTypes.length] ?? 'global';
    const owner = generatedAccountId(options.seed, index % options.users);
    const round = index < SPACE_NAMES.length ? '' : ` ${Math.floor(index / SPACE_NAMES.length) + 1}`;
    const personal = type === 'personal';
    simulator.database.run(
      "INSERT INTO space (site, id, key, name, type, status, description, authorId, createdAt) VALUES (?, ?, ?, ?, ?, 'current', ?, ?, ?)",
      site.site,
      id,
      personal ? `~${owner.replace(':', '')}${index}` : `S${index + 1}`,
      personal ? generatedName(index % options.users) : `${SPACE_NAMES[index % SPACE_NAMES.length]}${round}`,
      type,
      'A generated space.',
      owner,
      Math.floor(now - options.createdDaysAgo * DAY_MS),
    );
    return id;
  });
}

/** Pages of all statuses, then blog posts and folders. Answers the ids of the current pages. */
function addPages(growth: Growth, spaceIds: readonly number[]): number[] {
  const { options } = growth;
  const { database } = growth.simulator;
  const { site } = growth.site;
  const total = options.pages + options.archivedPages + options.trashedPages;
  const folders = addFolders(growth, spaceIds);
  const ids: number[] = [];
  let nextId = database.get<{ nextId: number }>('SELECT nextId FROM site WHERE site = ?', site)?.nextId ?? 0;
  for (let index = 0; index < total + options.blogposts; index++) {
    nextId += 1 + growth.random.below(9);
    const isBlogPost = index >= total;
    const spaceAt = index % spaceIds.length;
    const status =
      index < options.pages || isBlogPost
        ? 'current'
        : index < options.pages + options.archivedPages
          ? 'archived'
          : 'trashed';
    const parent = isBlogPost ? undefined : parentOf(index, spaceIds.length, ids, folders);
    insertContent(growth, {
      id: nextId,
      index,
      kind: isBlogPost ? 'blogpost' : 'page',
      spaceId: spaceIds[spaceAt] ?? 0,
      status,
      parent,
    });
    if (index < options.pages) ids.push(nextId);
    if (index < spaceIds.length && index < options.pages) {
      database.run('UPDATE space SET homepageId = ? WHERE site = ? AND id = ?', nextId, site, spaceIds[spaceAt] ?? 0);
    }
  }
  database.run('UPDATE site SET nextId = ? WHERE site = ?', nextId + 1, site);
  return ids;
}

interface Parent {
  id: number;
  type: 'page' | 'folder';
}

/** The first page of a space is its home page; below it every page has up to eight children, some in a folder. */
function parentOf(
  index: number,
  spaces: number,
  ids: readonly number[],
  folders: ReadonlyMap<number, number>,
): Parent | undefined {
  const inSpace = Math.floor(index / spaces);
  if (inSpace === 0) return undefined;
  const folder = folders.get(index % spaces);
  if (folder !== undefined && inSpace % 5 === 0) return { id: folder, type: 'folder' };
  const id = ids[Math.floor((inSpace - 1) / 8) * spaces + (index % spaces)];
  return id === undefined ? undefined : { id, type: 'page' };
}

function addFolders(growth: Growth, spaceIds: readonly number[]): Map<number, number> {
  const folders = new Map<number, number>();
  for (let index = 0; index < growth.options.folders; index++) {
    const id = takeId(growth.simulator, growth.site.site);
    const spaceAt = index % spaceIds.length;
    insertContent(growth, {
      id,
      index,
      kind: 'folder',
      spaceId: spaceIds[spaceAt] ?? 0,
      status: 'current',
      parent: undefined,
    });
    if (!folders.has(spaceAt)) folders.set(spaceAt, id);
  }
  return folders;
}

interface NewContent {
  id: number;
  index: number;
  kind: 'page' | 'blogpost' | 'folder';
  spaceId: number;
  status: string;
  parent: Parent | undefined;
}

function insertContent({ simulator, site, options, random, now }: Growth, item: NewContent): void {
  const oldest = now - options.createdDaysAgo * DAY_MS;
  const createdAt = Math.floor(oldest + random.next() * (now - 2 * DAY_MS - oldest));
  const versionNumber = 1 + random.below(6);
  // Nothing is younger than an hour, so that a fresh site is quiet for whoever looks for changes.
  const versionAt =
    versionNumber === 1 ? createdAt : Math.floor(createdAt + random.next() * (now - 3_600_000 - createdAt));
  const author = generatedAccountId(options.seed, random.below(options.users));
  simulator.database.run(
    `INSERT INTO content (site, id, kind, spaceId, status, title, parentId, parentType, position, authorId, ownerId,
       createdAt, versionNumber, versionAt, versionAuthorId, bodyVersion, generatorIndex)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    site.site,
    item.id,
    item.kind,
    item.spaceId,
    item.status,
    item.kind === 'folder' ? `Folder ${item.index + 1}` : generatedTitle(options.seed, item.index),
    item.parent?.id ?? null,
    item.parent?.type ?? null,
    item.index,
    author,
    author,
    createdAt,
    versionNumber,
    versionAt,
    versionNumber === 1 ? author : generatedAccountId(options.seed, random.below(options.users)),
    versionNumber,
    item.index,
  );
}

function addLabels({ simulator, site, options, random, now }: Growth, pageIds: readonly number[]): void {
  const { database } = simulator;
  const labelIds = Array.from({ length: options.labels }, (_, index) => {
    const id = takeId(simulator, site.site);
    const round = Math.floor(index / LABEL_NAMES.length);
    const name = `${LABEL_NAMES[index % LABEL_NAMES.length]}${round === 0 ? '' : `-${round + 1}`}`;
    database.run("INSERT INTO label VALUES (?, ?, 'global', ?, '', ?)", site.site, id, name, now);
    return id;
  });
  if (labelIds.length === 0) return;
  pageIds.forEach((pageId, index) => {
    for (let nth = 0; nth < options.labelsPerPage; nth++) {
      // Every label is used at least once; the rest falls where it falls.
      const at = nth === 0 ? index % labelIds.length : random.below(labelIds.length);
      database.run('INSERT OR IGNORE INTO contentLabel VALUES (?, ?, ?)', site.site, labelIds[at] ?? 0, pageId);
    }
  });
}

function addAttachments({ simulator, site, options, random, now }: Growth, pageIds: readonly number[]): void {
  if (pageIds.length === 0) return;
  for (let index = 0; index < options.attachments; index++) {
    const [fileName, mediaType] = random.pick(ATTACHMENT_KINDS);
    const at = Math.floor(now - 3_600_000 - random.next() * options.createdDaysAgo * DAY_MS);
    const id = takeId(simulator, site.site);
    simulator.database.run(
      `INSERT INTO attachment VALUES (?, ?, ?, 'current', ?, ?, ?, '', ?, ?, 1, ?, ?)`,
      site.site,
      id,
      pageIds[random.below(pageIds.length)] ?? 0,
      `${index + 1} ${fileName}`,
      mediaType,
      1_000 + random.below(5_000_000),
      `file-${id}`,
      at,
      at,
      generatedAccountId(options.seed, random.below(options.users)),
    );
  }
}
