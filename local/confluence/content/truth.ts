import { toIso } from '../http/time.ts';
import { webUiPath } from '../routes/content-json.ts';
import type { Simulator } from '../simulator.ts';
import { CONTENT_COLUMNS, CONTENT_FROM, type ContentRow, type SpaceRow } from './rows.ts';
import type { Site } from './sites.ts';
import { readBody } from './store.ts';

/**
 * Everything a site holds, without anybody's permissions, one JSON line each: spaces, pages, blog posts, folders with
 * labels, attachments. `bodies` adds the storage body to pages.
 */
export function* truthOf(simulator: Simulator, site: Site, bodies: boolean): Generator<string> {
  const { database } = simulator;
  for (const space of database.each<SpaceRow>('SELECT * FROM space WHERE site = ? ORDER BY id', site.site)) {
    yield line({
      kind: 'space',
      ...{ id: String(space.id), key: space.key, name: space.name, type: space.type, status: space.status },
      ...{ hidden: space.hidden === 1, blocked: space.blocked === 1 },
    });
  }
  const content = database.each<ContentRow & { restrictedTo: string | null; visibleTo: string | null }>(
    `SELECT ${CONTENT_COLUMNS}, c.restrictedTo, c.visibleTo FROM ${CONTENT_FROM} WHERE c.site = ? ORDER BY c.id`,
    site.site,
  );
  for (const row of content) {
    yield line({
      kind: row.kind,
      ...{
        id: String(row.id),
        spaceId: String(row.spaceId),
        spaceKey: row.spaceKey,
        status: row.status,
        title: row.title,
      },
      ...{ parentId: row.parentId === null ? null : String(row.parentId), parentType: row.parentType },
      url: `${site.url}/wiki${webUiPath(row)}`,
      version: { number: row.versionNumber, createdAt: toIso(row.versionAt) },
      ...{ authorId: row.authorId, lastModifiedById: row.versionAuthorId },
      ...{ createdAt: toIso(row.createdAt), lastModifiedAt: toIso(row.versionAt) },
      labels: labelsOf(simulator, site, row.id),
      visibleTo: row.visibleTo === null ? null : row.visibleTo.split(' ').filter(Boolean),
      ...(bodies && row.kind !== 'folder' ? { storage: readBody(simulator, site, row, row.bodyVersion) } : {}),
    });
  }
  const attachments = database.each<Record<string, string | number>>(
    'SELECT * FROM attachment WHERE site = ? ORDER BY id',
    site.site,
  );
  for (const row of attachments) {
    yield line({
      kind: 'attachment',
      ...{ id: `att${row.id}`, pageId: String(row.contentId), status: row.status, fileName: row.title },
      ...{ mediaType: row.mediaType, sizeBytes: row.fileSize, modifiedAt: toIso(Number(row.versionAt)) },
    });
  }
}

function labelsOf({ database }: Simulator, site: Site, contentId: number): object[] {
  return database.all<{ prefix: string; name: string }>(
    `SELECT l.prefix, l.name FROM contentLabel cl CROSS JOIN label l ON l.site = cl.site AND l.id = cl.labelId
     WHERE cl.site = ? AND cl.contentId = ? ORDER BY l.prefix, l.name`,
    site.site,
    contentId,
  );
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
