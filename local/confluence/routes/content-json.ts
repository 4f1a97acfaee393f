import type { ContentRow, LabelRow, VersionRow } from '../content/rows.ts';
import { toIso } from '../http/time.ts';

export function versionJson(version: Omit<VersionRow, 'title' | 'bodyVersion'>): object {
  return {
    number: version.number,
    message: version.message,
    minorEdit: version.minorEdit === 1,
    authorId: version.authorId,
    createdAt: toIso(version.createdAt),
  };
}

export function headVersionJson(row: ContentRow): object {
  return versionJson({
    number: row.versionNumber,
    message: row.versionMessage,
    minorEdit: row.minorEdit,
    authorId: row.versionAuthorId,
    createdAt: row.versionAt,
  });
}

/** A page as lists and single reads answer it; `body` is `{}` when none was asked for. */
export function pageJson(row: ContentRow, body: object): object {
  return {
    parentType: row.parentType,
    parentId: row.parentId === null ? null : String(row.parentId),
    spaceId: String(row.spaceId),
    ownerId: row.ownerId,
    lastOwnerId: null,
    createdAt: toIso(row.createdAt),
    authorId: row.authorId,
    id: String(row.id),
    version: headVersionJson(row),
    position: row.position,
    title: row.title,
    status: row.status,
    ...(row.subtype === null ? {} : { subtype: row.subtype }),
    body,
    _links: pageLinks(row),
  };
}

export function blogPostJson(row: ContentRow, body: object): object {
  return {
    id: String(row.id),
    status: row.status,
    title: row.title,
    spaceId: String(row.spaceId),
    authorId: row.authorId,
    createdAt: toIso(row.createdAt),
    version: headVersionJson(row),
    body,
    _links: pageLinks(row),
  };
}

export function labelJson(label: LabelRow): object {
  return { id: String(label.id), name: label.name, prefix: label.prefix };
}

type Linked = Pick<ContentRow, 'id' | 'kind' | 'spaceKey' | 'title' | 'createdAt'>;

/** The links of a page, relative to the site's `/wiki`. */
export function pageLinks(row: Linked): object {
  const webui = webUiPath(row);
  return {
    editui: `/pages/resumedraft.action?draftId=${row.id}`,
    webui,
    edituiv2: `/spaces/${row.spaceKey}/pages/edit-v2/${row.id}`,
    tinyui: `/x/${tinyId(row.id)}`,
  };
}

/** The path of a page below `…/wiki`, as people see it. */
export function webUiPath(row: Linked): string {
  const title = encodeURIComponent(row.title).replaceAll('%20', '+');
  if (row.kind === 'folder') return `/spaces/${row.spaceKey}/folder/${row.id}`;
  if (row.kind === 'page') return `/spaces/${row.spaceKey}/pages/${row.id}/${title}`;
  const day = toIso(row.createdAt).slice(0, 10).replaceAll('-', '/');
  return `/spaces/${row.spaceKey}/blog/${day}/${row.id}/${title}`;
}

/** Confluence's short ids: the number's bytes, little end first, in URL-safe base64 without trailing A's. */
function tinyId(id: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(id));
  return bytes
    .toString('base64')
    .replaceAll('/', '-')
    .replaceAll('+', '_')
    .replace(/[A=]+$/, '');
}
