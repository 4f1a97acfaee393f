/** A row of the table `content`: a page, blog post or folder in its present version. */
export interface ContentRow {
  id: number;
  kind: 'page' | 'blogpost' | 'folder';
  spaceId: number;
  spaceKey: string;
  status: string;
  title: string;
  parentId: number | null;
  parentType: string | null;
  position: number;
  subtype: string | null;
  authorId: string;
  ownerId: string;
  createdAt: number;
  versionNumber: number;
  versionAt: number;
  versionAuthorId: string;
  versionMessage: string;
  minorEdit: number;
  bodyVersion: number;
  generatorIndex: number | null;
}

/** The columns of a `ContentRow` for queries in which the content is `c` and its space `s`. */
export const CONTENT_COLUMNS = `c.id, c.kind, c.spaceId, s.key AS spaceKey, c.status, c.title, c.parentId, c.parentType,
  c.position, c.subtype, c.authorId, c.ownerId, c.createdAt, c.versionNumber, c.versionAt, c.versionAuthorId,
  c.versionMessage, c.minorEdit, c.bodyVersion, c.generatorIndex`;
export const CONTENT_FROM = 'content c JOIN space s ON s.site = c.site AND s.id = c.spaceId';

export interface SpaceRow {
  id: number;
  key: string;
  name: string;
  type: string;
  status: string;
  description: string;
  authorId: string;
  createdAt: number;
  homepageId: number | null;
  hidden: number;
  blocked: number;
}

export interface VersionRow {
  number: number;
  createdAt: number;
  authorId: string;
  message: string;
  minorEdit: number;
  title: string;
  bodyVersion: number;
}

export interface LabelRow {
  id: number;
  prefix: string;
  name: string;
}

export interface AttachmentRow {
  id: number;
  contentId: number;
  contentKind: string;
  contentTitle: string;
  spaceKey: string;
  status: string;
  title: string;
  mediaType: string;
  fileSize: number;
  comment: string;
  fileId: string;
  createdAt: number;
  versionNumber: number;
  versionAt: number;
  versionAuthorId: string;
}
