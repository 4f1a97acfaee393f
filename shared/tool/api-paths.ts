import type { Group } from './groups.ts';

/** What one query parameter may hold, once it is text. */
export interface QueryRule {
  readonly accepts: (value: string) => boolean;
  /** Completes "must be …". */
  readonly must: string;
  /** The group that this parameter needs besides the path's own. */
  readonly group?: Group;
}

/** A path of Confluence's API that the tool may GET. */
export interface ApiPath {
  /** `{id}` stands for a numeric id, `{attachmentId}` for an attachment's, `{number}` for a version's number. */
  readonly pattern: string;
  readonly group: Group;
  readonly query: Readonly<Record<string, QueryRule>>;
}

const oneOf = (...values: string[]): QueryRule => ({
  accepts: (value) => values.includes(value),
  must: `one of ${values.join(', ')}`,
});
const someOf = (...values: string[]): QueryRule => ({
  accepts: (value) => value.split(',').every((each) => values.includes(each)),
  must: `one or more of ${values.join(', ')}`,
});
const number = (min: number, max: number): QueryRule => ({
  accepts: (value) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max,
  must: `a number from ${min} to ${max}`,
});
const ids = (max: number): QueryRule => ({
  accepts: (value) => /^\d{1,20}(,\d{1,20})*$/.test(value) && value.split(',').length <= max,
  must: `up to ${max} numeric ids`,
});
const text = (max: number): QueryRule => ({
  accepts: (value) => value.length > 0 && value.length <= max && !/\p{Cc}/u.test(value),
  must: `1 to ${max} characters without control characters`,
});
const sorted = (...fields: string[]) => oneOf(...fields.flatMap((field) => [field, `-${field}`]));
const include = (group: Group): QueryRule => ({ ...oneOf('true', 'false'), group });

const paged = { limit: number(1, 250), cursor: text(4_000) };
// Rendered formats would name people; storage and ADF are the two that a list can give as well.
const bodyFormat = { 'body-format': oneOf('storage', 'atlas_doc_format') };
const contentList = { ...paged, ...bodyFormat };
const pageSort = sorted('id', 'created-date', 'modified-date', 'title');
const postSort = sorted('id', 'created-date', 'modified-date');
const dateSort = sorted('created-date', 'modified-date');
// Drafts and the trash are nobody's business here.
const pageStatus = someOf('current', 'archived');
const postStatus = oneOf('current');
const pageList = { ...contentList, status: pageStatus, title: text(255), sort: pageSort };
const postList = { ...contentList, status: postStatus, title: text(255), sort: postSort };
const single = {
  ...bodyFormat,
  version: number(1, 999_999_999),
  'include-labels': include('pages'),
  'include-versions': include('pages'),
  'include-version': include('pages'),
  'include-likes': include('users'),
  'include-collaborators': include('users'),
};
const versions = { ...contentList, sort: sorted('modified-date') };
const labels = { ...paged, prefix: oneOf('global', 'team'), sort: text(40) };
const attachmentList = {
  ...paged,
  status: pageStatus,
  mediaType: text(200),
  filename: text(255),
  sort: dateSort,
};

/**
 * Every path that the tool can reach, and what may stand in its query: the allow-list of `confluence_request` and the
 * fence around every other operation, which call through the same check. What a path gives decides its group: a list
 * of pages is *pages* wherever it hangs, of attachments *attachments*. Not here, so unreachable: downloads, thumbnails,
 * comments, `/ancestors` and `/folders` (scopes that nobody granted), `expand`, every v1 path but search.
 */
export const API_PATHS: readonly ApiPath[] = [
  {
    pattern: '/wiki/api/v2/pages',
    group: 'pages',
    query: { ...pageList, id: ids(250), 'space-id': ids(100), subtype: oneOf('page', 'live') },
  },
  {
    pattern: '/wiki/api/v2/pages/{id}',
    group: 'pages',
    query: { ...single, status: pageStatus, 'include-direct-children': include('pages') },
  },
  { pattern: '/wiki/api/v2/spaces/{id}/pages', group: 'pages', query: { ...pageList, depth: oneOf('all', 'root') } },
  {
    pattern: '/wiki/api/v2/labels/{id}/pages',
    group: 'pages',
    query: { ...contentList, 'space-id': ids(100), sort: pageSort },
  },
  { pattern: '/wiki/api/v2/pages/{id}/direct-children', group: 'pages', query: { ...paged, sort: text(40) } },
  { pattern: '/wiki/api/v2/pages/{id}/descendants', group: 'pages', query: { ...paged, depth: number(1, 10) } },
  { pattern: '/wiki/api/v2/pages/{id}/versions', group: 'pages', query: versions },
  { pattern: '/wiki/api/v2/pages/{id}/versions/{number}', group: 'pages', query: {} },
  { pattern: '/wiki/api/v2/pages/{id}/labels', group: 'pages', query: labels },
  { pattern: '/wiki/api/v2/labels', group: 'pages', query: { ...labels, 'label-id': ids(250) } },
  {
    pattern: '/wiki/api/v2/blogposts',
    group: 'pages',
    query: { ...postList, id: ids(250), 'space-id': ids(100) },
  },
  { pattern: '/wiki/api/v2/blogposts/{id}', group: 'pages', query: { ...single, status: postStatus } },
  { pattern: '/wiki/api/v2/spaces/{id}/blogposts', group: 'pages', query: postList },
  {
    pattern: '/wiki/api/v2/labels/{id}/blogposts',
    group: 'pages',
    query: { ...contentList, 'space-id': ids(100), sort: postSort },
  },
  { pattern: '/wiki/api/v2/blogposts/{id}/versions', group: 'pages', query: versions },
  { pattern: '/wiki/api/v2/blogposts/{id}/versions/{number}', group: 'pages', query: {} },
  { pattern: '/wiki/api/v2/blogposts/{id}/labels', group: 'pages', query: labels },
  {
    pattern: '/wiki/api/v2/spaces',
    group: 'spaces',
    query: {
      ...paged,
      ids: ids(250),
      keys: text(4_000),
      type: text(40),
      status: oneOf('current', 'archived'),
      labels: text(1_000),
      sort: sorted('id', 'key', 'name'),
      'description-format': oneOf('plain', 'view'),
    },
  },
  {
    pattern: '/wiki/api/v2/spaces/{id}',
    group: 'spaces',
    query: { 'description-format': oneOf('plain', 'view'), 'include-labels': include('spaces') },
  },
  { pattern: '/wiki/api/v2/spaces/{id}/labels', group: 'spaces', query: { ...paged, prefix: oneOf('team') } },
  { pattern: '/wiki/api/v2/attachments', group: 'attachments', query: attachmentList },
  {
    pattern: '/wiki/api/v2/attachments/{attachmentId}',
    group: 'attachments',
    query: {
      version: number(1, 999_999_999),
      'include-labels': include('attachments'),
      'include-versions': include('attachments'),
      'include-version': include('attachments'),
      'include-collaborators': include('users'),
    },
  },
  { pattern: '/wiki/api/v2/pages/{id}/attachments', group: 'attachments', query: attachmentList },
  { pattern: '/wiki/api/v2/blogposts/{id}/attachments', group: 'attachments', query: attachmentList },
  { pattern: '/wiki/api/v2/labels/{id}/attachments', group: 'attachments', query: { ...paged, sort: dateSort } },
  { pattern: '/wiki/api/v2/attachments/{attachmentId}/labels', group: 'attachments', query: labels },
  {
    pattern: '/wiki/api/v2/attachments/{attachmentId}/versions',
    group: 'attachments',
    query: { ...paged, sort: sorted('modified-date') },
  },
  { pattern: '/wiki/api/v2/attachments/{attachmentId}/versions/{number}', group: 'attachments', query: {} },
  {
    pattern: '/wiki/rest/api/search',
    group: 'search',
    query: {
      cql: text(8_000),
      cursor: text(4_000),
      limit: number(1, 250),
      excerpt: oneOf('highlight', 'indexed', 'none', 'highlight_unescaped', 'indexed_unescaped'),
    },
  },
];

const SEGMENTS: Readonly<Record<string, string>> = {
  '{id}': '(\\d{1,20})',
  '{attachmentId}': '((?:att)?\\d{1,20})',
  '{number}': '\\d{1,9}',
};

const COMPILED = API_PATHS.map((path) => ({
  path,
  expression: new RegExp(`^${path.pattern.replace(/\{\w+\}/g, (name) => SEGMENTS[name] ?? name)}$`),
}));

/** The table's row for a concrete path and the id in it; `undefined` for everything that is not listed. */
export function findApiPath(path: string): { path: ApiPath; id: string | undefined } | undefined {
  for (const { path: row, expression } of COMPILED) {
    const match = expression.exec(path);
    if (match) return { path: row, id: match[1] };
  }
  return undefined;
}
