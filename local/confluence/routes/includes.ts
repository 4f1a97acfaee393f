import type { ContentRow, LabelRow, VersionRow } from '../content/rows.ts';
import { findVersion } from '../content/store.ts';
import type { Call } from '../gateway/call.ts';
import { flag } from '../gateway/parameters.ts';
import { labelJson, versionJson } from './content-json.ts';

/** A single read holds at most this many of each thing included. */
const FIRST = 50;

/** The `include-…` parts of a single page or blog post. Each object in them costs a point. */
export function includesOfPage(call: Call, row: ContentRow): object {
  const parts: Record<string, object> = {};
  if (flag(call.query, 'include-labels')) parts.labels = optionalField(call, labelsOf(call, row.id).map(labelJson));
  if (flag(call.query, 'include-versions'))
    parts.versions = optionalField(call, versionsOf(call, row).map(versionJson));
  if (flag(call.query, 'include-properties')) parts.properties = optionalField(call, []);
  if (flag(call.query, 'include-likes')) parts.likes = optionalField(call, []);
  if (flag(call.query, 'include-operations')) {
    parts.operations = optionalField(call, [{ operation: 'read', targetType: row.kind }]);
  }
  return {
    ...parts,
    ...(flag(call.query, 'include-favorited-by-current-user-status') ? { isFavoritedByCurrentUser: false } : {}),
  };
}

/** An included list: the first fifty, and whether there are more. */
export function optionalField(call: Call, all: readonly object[]): object {
  const results = all.slice(0, FIRST);
  call.charge({ objects: results.length });
  const path = call.exchange.path.replace(/^\/ex\/confluence\/[^/]+/, '');
  return { results, meta: { hasMore: all.length > FIRST }, _links: { self: path } };
}

export function labelsOf({ simulator, viewer }: Call, contentId: number): LabelRow[] {
  return simulator.database.all<LabelRow>(
    `SELECT l.id, l.prefix, l.name FROM contentLabel cl CROSS JOIN label l ON l.site = cl.site AND l.id = cl.labelId
     WHERE cl.site = ? AND cl.contentId = ? AND (l.prefix <> 'my' OR l.ownerId = ?) ORDER BY l.id`,
    viewer.site,
    contentId,
    viewer.accountId,
  );
}

/** All versions, newest first. */
export function versionsOf({ simulator, site }: Call, row: ContentRow): VersionRow[] {
  return Array.from({ length: row.versionNumber }, (_, index) =>
    findVersion(simulator, site, row, row.versionNumber - index),
  ).filter((version) => version !== undefined);
}
