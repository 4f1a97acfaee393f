import type { Simulator } from '../simulator.ts';
import { generateBody } from './generated-body.ts';
import { CONTENT_COLUMNS, CONTENT_FROM, type ContentRow, type SpaceRow, type VersionRow } from './rows.ts';
import type { Site } from './sites.ts';
import { type Viewer, visibleContent, visibleSpaces } from './visibility.ts';

/** A page, blog post or folder that the viewer may see, in any status. */
export function findContent(
  { database }: Simulator,
  viewer: Viewer,
  kind: ContentRow['kind'],
  id: number,
): ContentRow | undefined {
  const visible = visibleContent(viewer);
  return database.get<ContentRow>(
    `SELECT ${CONTENT_COLUMNS} FROM ${CONTENT_FROM} WHERE ${visible.where.join(' AND ')} AND c.id = ? AND c.kind = ?`,
    ...visible.values,
    id,
    kind,
  );
}

export function findSpace({ database }: Simulator, viewer: Viewer, id: number): SpaceRow | undefined {
  const visible = visibleSpaces(viewer);
  return database.get<SpaceRow>(
    `SELECT s.* FROM space s WHERE ${visible.where.join(' AND ')} AND s.id = ?`,
    ...visible.values,
    id,
  );
}

/** The storage body that some version of a page has: stored when somebody wrote it, made on demand when generated. */
export function readBody(
  { database }: Simulator,
  site: Site,
  content: Pick<ContentRow, 'id' | 'generatorIndex'>,
  bodyVersion: number,
): string {
  const stored = database.get<{ storage: string }>(
    'SELECT storage FROM body WHERE site = ? AND contentId = ? AND bodyVersion = ?',
    site.site,
    content.id,
    bodyVersion,
  );
  if (stored) return stored.storage;
  if (content.generatorIndex === null) return '';
  const { seed, bodyBytes, users, pages } = site;
  return generateBody({ seed, index: content.generatorIndex, bodyVersion, bodyBytes, users, pages });
}

/** One version, present or past. Versions of generated pages from before the first real edit are computed. */
export function findVersion(
  { database }: Simulator,
  site: Site,
  content: ContentRow,
  number: number,
): VersionRow | undefined {
  if (number < 1 || number > content.versionNumber) return undefined;
  if (number === content.versionNumber) {
    const { versionAt, versionAuthorId, versionMessage, minorEdit, title, bodyVersion } = content;
    return {
      number,
      createdAt: versionAt,
      authorId: versionAuthorId,
      message: versionMessage,
      minorEdit,
      title,
      bodyVersion,
    };
  }
  const stored = database.get<VersionRow>(
    'SELECT number, createdAt, authorId, message, minorEdit, title, bodyVersion FROM version WHERE site = ? AND contentId = ? AND number = ?',
    site.site,
    content.id,
    number,
  );
  if (stored) return stored;
  const age = content.versionAt - content.createdAt;
  return {
    number,
    createdAt: content.createdAt + Math.floor((age * (number - 1)) / content.versionNumber),
    authorId: content.authorId,
    message: '',
    minorEdit: 0,
    title: content.title,
    bodyVersion: Math.min(number, content.bodyVersion),
  };
}
