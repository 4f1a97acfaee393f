import type { Simulator } from '../simulator.ts';
import { dropUnused } from './edits.ts';
import { refreshVisibility } from './restrictions.ts';
import { touchSearch } from './search-index.ts';
import { MAIN_ACCOUNT } from './site-setup.ts';
import { takeId } from './sites.ts';

/** A content row as mutations see it: without anybody's permissions. */
interface Stored {
  id: number;
  kind: 'page' | 'blogpost';
  spaceId: number;
  status: string;
  title: string;
  parentId: number | null;
  parentType: string | null;
  versionNumber: number;
  versionAt: number;
  versionAuthorId: string;
  versionMessage: string;
  minorEdit: number;
  bodyVersion: number;
}

export class NoSuchContent extends Error {
  override readonly name = 'NoSuchContent' as const;
}

export function storedContent({ database }: Simulator, site: number, id: number): Stored {
  const row = database.get<Stored>(
    "SELECT * FROM content WHERE site = ? AND id = ? AND kind IN ('page', 'blogpost')",
    site,
    id,
  );
  if (!row) throw new NoSuchContent(`there is no page or blog post ${id}`);
  return row;
}

export interface NewPage {
  kind: 'page' | 'blogpost';
  spaceId: number;
  title: string;
  storage: string;
  parentId?: number | undefined;
  status: string;
  subtype?: string | undefined;
  accountId?: string | undefined;
}

/** Creates a page or blog post. Answers its id. */
export function createContent(simulator: Simulator, site: number, page: NewPage): number {
  const { database, clock } = simulator;
  return database.transaction(() => {
    const parent =
      page.parentId === undefined
        ? undefined
        : database.get<{ id: number; kind: string }>(
            'SELECT id, kind FROM content WHERE site = ? AND id = ? AND spaceId = ?',
            site,
            page.parentId,
            page.spaceId,
          );
    if (page.parentId !== undefined && !parent)
      throw new NoSuchContent(`there is no parent ${page.parentId} in this space`);
    const id = takeId(simulator, site);
    const author = page.accountId ?? MAIN_ACCOUNT;
    const now = clock.now();
    database.run(
      `INSERT INTO content (site, id, kind, spaceId, status, title, parentId, parentType, position, subtype, authorId,
         ownerId, createdAt, versionNumber, versionAt, versionAuthorId, bodyVersion)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 1)`,
      site,
      id,
      page.kind,
      page.spaceId,
      page.status,
      page.title,
      parent?.id ?? null,
      parent?.kind ?? null,
      id,
      page.subtype ?? null,
      author,
      author,
      now,
      now,
      author,
    );
    database.run('INSERT INTO body VALUES (?, ?, 1, ?)', site, id, page.storage);
    refreshVisibility(simulator, site, id);
    touchSearch(simulator, site, id, page.kind);
    return id;
  });
}

export interface Edit {
  title?: string | undefined;
  /** A new body; without one the body stays, unless `rewrite` lets a generated page be made anew. */
  storage?: string | undefined;
  rewrite?: boolean | undefined;
  message?: string | undefined;
  minorEdit?: boolean | undefined;
  accountId?: string | undefined;
}

/** Saves a new version: title, body or both. */
export function editContent(simulator: Simulator, site: number, id: number, edit: Edit): void {
  const { database, clock } = simulator;
  const before = storedContent(simulator, site, id);
  database.transaction(() => {
    keepVersion(simulator, site, before);
    const writes = edit.storage !== undefined || edit.rewrite === true;
    const bodyVersion = writes ? nextBodyVersion(simulator, site, before) : before.bodyVersion;
    if (edit.storage !== undefined)
      database.run('INSERT INTO body VALUES (?, ?, ?, ?)', site, id, bodyVersion, edit.storage);
    database.run(
      `UPDATE content SET title = ?, versionNumber = versionNumber + 1, versionAt = ?, versionAuthorId = ?,
         versionMessage = ?, minorEdit = ?, bodyVersion = ? WHERE site = ? AND id = ?`,
      edit.title ?? before.title,
      // Two edits in one millisecond of simulated time must still be told apart.
      Math.max(clock.now(), before.versionAt + 1),
      edit.accountId ?? MAIN_ACCOUNT,
      edit.message ?? '',
      edit.minorEdit ? 1 : 0,
      bodyVersion,
      site,
      id,
    );
    touchSearch(simulator, site, id, before.kind);
  });
}

function keepVersion({ database }: Simulator, site: number, before: Stored): void {
  database.run(
    'INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    site,
    before.id,
    before.versionNumber,
    before.versionAt,
    before.versionAuthorId,
    before.versionMessage,
    before.minorEdit,
    before.title,
    before.bodyVersion,
  );
}

/** Never reused: deleting a version renumbers versions, but bodies keep their own count. */
function nextBodyVersion({ database }: Simulator, site: number, before: Stored): number {
  const highest = database.get<{ n: number | null }>(
    'SELECT max(bodyVersion) AS n FROM version WHERE site = ? AND contentId = ?',
    site,
    before.id,
  );
  return Math.max(before.bodyVersion, highest?.n ?? 0) + 1;
}

/** Deletes a past version; all later ones are renumbered, so the head's number goes DOWN while its date stays. */
export function deleteVersion(simulator: Simulator, site: number, id: number, number: number): void {
  const { database } = simulator;
  const { versionNumber } = storedContent(simulator, site, id);
  if (number >= versionNumber) throw new NoSuchContent(`version ${number} is not a past version of ${id}`);
  database.transaction(() => {
    database.run('DELETE FROM version WHERE site = ? AND contentId = ? AND number = ?', site, id, number);
    const later = database.all<{ number: number }>(
      'SELECT number FROM version WHERE site = ? AND contentId = ? AND number > ? ORDER BY number',
      site,
      id,
      number,
    );
    for (const version of later) {
      database.run(
        'UPDATE version SET number = number - 1 WHERE site = ? AND contentId = ? AND number = ?',
        site,
        id,
        version.number,
      );
    }
    database.run('UPDATE content SET versionNumber = versionNumber - 1 WHERE site = ? AND id = ?', site, id);
  });
}

/** Moves a page below another one, or to the root of a space, with everything below it. No new version: moves make none. */
export function moveContent(
  simulator: Simulator,
  site: number,
  id: number,
  target: { spaceId?: number | undefined; parentId?: number | undefined },
): void {
  const { database } = simulator;
  const page = storedContent(simulator, site, id);
  const parent =
    target.parentId === undefined
      ? undefined
      : database.get<{ id: number; kind: string; spaceId: number }>(
          'SELECT id, kind, spaceId FROM content WHERE site = ? AND id = ?',
          site,
          target.parentId,
        );
  if (target.parentId !== undefined && !parent) throw new NoSuchContent(`there is no parent ${target.parentId}`);
  const below = descendants(simulator, site, id);
  if (parent && (parent.id === id || below.includes(parent.id)))
    throw new NoSuchContent('a page cannot move below itself');
  const spaceId = parent?.spaceId ?? target.spaceId ?? page.spaceId;
  database.transaction(() => {
    database.run(
      'UPDATE content SET parentId = ?, parentType = ? WHERE site = ? AND id = ?',
      parent?.id ?? null,
      parent?.kind ?? null,
      site,
      id,
    );
    for (const moved of [id, ...below]) {
      database.run('UPDATE content SET spaceId = ? WHERE site = ? AND id = ?', spaceId, site, moved);
    }
    refreshVisibility(simulator, site, id);
  });
}

/** Trash, restore, archive, unarchive. The children of a trashed page move up, unless they go with it. */
export function setStatus(
  simulator: Simulator,
  site: number,
  id: number,
  status: 'current' | 'archived' | 'trashed',
  withDescendants = false,
): void {
  const { database } = simulator;
  const page = storedContent(simulator, site, id);
  const affected = withDescendants ? [id, ...descendants(simulator, site, id)] : [id];
  database.transaction(() => {
    if (status === 'trashed' && !withDescendants) {
      database.run(
        'UPDATE content SET parentId = ?, parentType = ? WHERE site = ? AND parentId = ?',
        page.parentId,
        page.parentType,
        site,
        id,
      );
    }
    for (const each of affected) {
      database.run('UPDATE content SET status = ? WHERE site = ? AND id = ?', status, site, each);
      touchAttachments(simulator, site, each);
      touchSearch(simulator, site, each, each === id ? page.kind : 'page');
    }
  });
}

/** Removes something for good, from any status. */
export function purgeContent(simulator: Simulator, site: number, id: number): void {
  const { database } = simulator;
  const page = storedContent(simulator, site, id);
  setStatus(simulator, site, id, 'trashed');
  database.transaction(() => {
    const labels = database.all<{ labelId: number }>(
      'SELECT labelId FROM contentLabel WHERE site = ? AND contentId = ?',
      site,
      id,
    );
    for (const table of ['body', 'version', 'contentLabel', 'attachment']) {
      database.run(`DELETE FROM ${table} WHERE site = ? AND contentId = ?`, site, id);
    }
    for (const { labelId } of labels) dropUnused(simulator, site, labelId);
    database.run('DELETE FROM content WHERE site = ? AND id = ?', site, id);
    touchSearch(simulator, site, id, page.kind);
  });
}

function touchAttachments(simulator: Simulator, site: number, contentId: number): void {
  const attachments = simulator.database.all<{ id: number }>(
    'SELECT id FROM attachment WHERE site = ? AND contentId = ?',
    site,
    contentId,
  );
  for (const { id } of attachments) touchSearch(simulator, site, id, 'attachment');
}

export function descendants({ database }: Simulator, site: number, id: number): number[] {
  return database
    .all<{ id: number }>(
      `WITH RECURSIVE below AS (
         SELECT id FROM content WHERE site = ? AND parentId = ?
         UNION SELECT c.id FROM below b CROSS JOIN content c INDEXED BY contentByParent ON c.parentId = b.id WHERE c.site = ?) SELECT id FROM below`,
      site,
      id,
      site,
    )
    .map((row) => row.id);
}
