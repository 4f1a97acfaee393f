import type { ContentRow } from '../content/rows.ts';
import { visibleContent } from '../content/visibility.ts';
import type { Call } from '../gateway/call.ts';
import { answerListing, answerPage } from '../gateway/listing.ts';
import { intParameter } from '../gateway/parameters.ts';
import type { Answer } from '../http/exchange.ts';
import { CONTENT_SORTS, type ContentSource } from './page-source.ts';
import { withContent } from './readable.ts';

const CHILD_COLUMNS = 'c.id, c.kind, c.status, c.title, c.spaceId, c.parentId, c.position';
/** Without the hint SQLite prefers an index on the kind and reads the whole site for each page. */
const BY_PARENT = 'content c INDEXED BY contentByParent';
const LISTED = "c.status IN ('current', 'archived') AND c.kind IN ('page', 'folder')";

type ChildRow = Pick<ContentRow, 'id' | 'kind' | 'status' | 'title' | 'spaceId' | 'parentId' | 'position'>;

/** `GET /pages/{id}/direct-children` (and of folders): pages and folders. */
export function listDirectChildren(kind: 'page' | 'folder'): (call: Call) => Answer {
  return (call) =>
    withContent(call, kind, (row) => {
      const source = childSource(call, row.id);
      return answerListing<ChildRow>(call, {
        source,
        sorts: { ...CONTENT_SORTS, 'child-position': 'c.position', title: 'c.title' },
        defaultSort: 'child-position',
        toItem: (child) => ({ ...childJson(child), type: child.kind, spaceId: String(child.spaceId) }),
      });
    });
}

/** `GET /pages/{id}/children`, deprecated: pages only. */
export function listChildren(call: Call): Answer {
  return withContent(call, 'page', (row) => {
    const source = childSource(call, row.id);
    source.where.push("c.kind = 'page'");
    return answerListing<ChildRow>(call, {
      source,
      sorts: { ...CONTENT_SORTS, 'child-position': 'c.position' },
      defaultSort: 'child-position',
      toItem: (child) => ({ ...childJson(child), spaceId: String(child.spaceId) }),
    });
  });
}

/** `GET /pages/{id}/descendants`: two levels unless `depth` says otherwise. */
export function listDescendants(kind: 'page' | 'folder'): (call: Call) => Answer {
  return (call) =>
    withContent(call, kind, (row) => {
      const depth = intParameter(call.query, 'depth', 1, 10) ?? 2;
      const visible = visibleContent(call.viewer);
      const level = `SELECT ${CHILD_COLUMNS}`;
      const condition = `${visible.where.join(' AND ')} AND ${LISTED}`;
      const from = `(WITH RECURSIVE tree AS (
          ${level}, 1 AS depth FROM ${BY_PARENT} WHERE ${condition} AND c.parentId = ?
          UNION ALL
          ${level}, t.depth + 1 FROM tree t CROSS JOIN ${BY_PARENT} ON c.parentId = t.id WHERE ${condition} AND t.depth < ?
        ) SELECT * FROM tree) d`;
      return answerListing<ChildRow & { depth: number }>(call, {
        source: {
          columns: 'd.*',
          from,
          where: ['1'],
          values: [...visible.values, row.id, ...visible.values, depth],
          id: 'd.id',
        },
        // By level, so that a parent always comes before its children.
        sorts: { depth: 'd.depth' },
        defaultSort: 'depth',
        toItem: (child) => ({
          ...childJson(child),
          type: child.kind,
          parentId: String(child.parentId),
          depth: child.depth,
        }),
      });
    });
}

/** `GET /pages/{id}/ancestors`, topmost first. Needs a scope of its own. */
export function listAncestors(call: Call): Answer {
  return withContent(call, 'page', (row) => {
    const limit = intParameter(call.query, 'limit', 1, 250) ?? 25;
    const ancestors = call.simulator.database.all<{ id: number; kind: string }>(
      `WITH RECURSIVE up AS (
         SELECT c.id, c.kind, c.parentId, 0 AS distance FROM content c WHERE c.site = ? AND c.id = ?
         UNION ALL
         SELECT c.id, c.kind, c.parentId, u.distance + 1 FROM up u JOIN content c ON c.site = ? AND c.id = u.parentId
       ) SELECT id, kind FROM up WHERE distance BETWEEN 1 AND ? ORDER BY distance DESC`,
      call.viewer.site,
      row.id,
      call.viewer.site,
      limit,
    );
    return answerPage(
      call,
      ancestors.map(({ id, kind }) => ({ id: String(id), type: kind })),
    );
  });
}

function childSource(call: Call, parentId: number): ContentSource {
  const visible = visibleContent(call.viewer);
  return {
    columns: CHILD_COLUMNS,
    from: BY_PARENT,
    where: [...visible.where, LISTED, 'c.parentId = ?'],
    values: [...visible.values, parentId],
    id: 'c.id',
  };
}

function childJson(row: ChildRow): object {
  return { id: String(row.id), status: row.status, title: row.title, childPosition: row.position };
}
