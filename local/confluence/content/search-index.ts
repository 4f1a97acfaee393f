import type { Simulator } from '../simulator.ts';
import { plainText } from './plain-text.ts';
import type { Site } from './sites.ts';
import { readBody } from './store.ts';

/** Up to this many generated pages every word is searchable, beyond it only titles: an index of 200,000 bodies takes minutes. */
const FULL_TEXT_PAGES = 2_000;

export type SearchType = 'page' | 'blogpost' | 'attachment';

/** Notes that something changed. The search index follows after its lag, as Confluence's does. */
export function touchSearch(simulator: Simulator, site: number, contentId: number, type: SearchType): void {
  const { database, clock, settings } = simulator;
  database.run(
    'INSERT OR REPLACE INTO searchPending (site, contentId, type, dueAt) VALUES (?, ?, ?, ?)',
    site,
    contentId,
    type,
    clock.now() + settings.switches.search.indexLagMs,
  );
}

/** Brings the index up to what is due by now. Called before each search. */
export function applyDueChanges(simulator: Simulator, site: Site): void {
  const { database, clock } = simulator;
  const due = database.all<{ contentId: number; type: SearchType }>(
    'SELECT contentId, type FROM searchPending WHERE site = ? AND dueAt <= ?',
    site.site,
    clock.now(),
  );
  if (due.length === 0) return;
  database.transaction(() => {
    for (const { contentId, type } of due) {
      if (type === 'attachment') indexAttachment(simulator, site, contentId);
      else indexContent(simulator, site, contentId, type);
      database.run(
        'DELETE FROM searchPending WHERE site = ? AND contentId = ? AND type = ?',
        site.site,
        contentId,
        type,
      );
    }
  });
}

/** Indexes everything of a new site, a few thousand rows at a time so that memory stays flat. */
export function indexWholeSite(simulator: Simulator, site: Site): void {
  simulator.database.transaction(() => {
    for (const { id, kind } of inChunks<{ id: number; kind: SearchType }>(simulator, site, INDEXED_CONTENT)) {
      indexContent(simulator, site, id, kind);
    }
    for (const { id } of inChunks<{ id: number }>(simulator, site, 'SELECT id FROM attachment WHERE site = ?')) {
      indexAttachment(simulator, site, id);
    }
  });
}

const INDEXED_CONTENT =
  "SELECT id, kind FROM content WHERE site = ? AND status = 'current' AND kind IN ('page', 'blogpost')";

function* inChunks<Row extends { id: number }>({ database }: Simulator, site: Site, select: string): Generator<Row> {
  let after = 0;
  for (;;) {
    const rows = database.all<Row>(`${select} AND id > ? ORDER BY id LIMIT 5000`, site.site, after);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
  }
}

function indexContent(simulator: Simulator, site: Site, contentId: number, type: SearchType): void {
  const row = simulator.database.get<{
    id: number;
    title: string;
    versionAt: number;
    bodyVersion: number;
    generatorIndex: number | null;
  }>(
    "SELECT id, title, versionAt, bodyVersion, generatorIndex FROM content WHERE site = ? AND id = ? AND status = 'current'",
    site.site,
    contentId,
  );
  removeDocument(simulator, site, contentId, type);
  if (!row) return;
  const titleOnly = row.generatorIndex !== null && site.pages > FULL_TEXT_PAGES;
  const text = titleOnly ? '' : plainText(readBody(simulator, site, row, row.bodyVersion));
  addDocument(simulator, site, contentId, type, row.title, text, row.versionAt);
}

function indexAttachment(simulator: Simulator, site: Site, id: number): void {
  const row = simulator.database.get<{ title: string; comment: string; versionAt: number }>(
    "SELECT title, comment, versionAt FROM attachment WHERE site = ? AND id = ? AND status = 'current'",
    site.site,
    id,
  );
  removeDocument(simulator, site, id, 'attachment');
  if (row) addDocument(simulator, site, id, 'attachment', row.title, row.comment, row.versionAt);
}

function addDocument(
  { database }: Simulator,
  site: Site,
  contentId: number,
  type: SearchType,
  title: string,
  text: string,
  lastModified: number,
): void {
  const inserted = database.get<{ doc: number }>(
    'INSERT INTO searchDoc (site, contentId, type, title, lastModified) VALUES (?, ?, ?, ?, ?) RETURNING doc',
    site.site,
    contentId,
    type,
    title,
    lastModified,
  );
  if (inserted) database.run('INSERT INTO searchText (rowid, title, text) VALUES (?, ?, ?)', inserted.doc, title, text);
}

function removeDocument({ database }: Simulator, site: Site, contentId: number, type: SearchType): void {
  const removed = database.get<{ doc: number }>(
    'DELETE FROM searchDoc WHERE site = ? AND contentId = ? AND type = ? RETURNING doc',
    site.site,
    contentId,
    type,
  );
  if (removed) database.run('DELETE FROM searchText WHERE rowid = ?', removed.doc);
}
