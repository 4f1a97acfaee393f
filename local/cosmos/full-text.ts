import type { Container } from './containers.ts';
import { steps } from './containers.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { FullTextSource, SqlValue } from './sql/scope.ts';
import { pathLiteral } from './sql/value.ts';
import type { Store } from './store.ts';

/**
 * One FTS5 table a path, so that BM25 knows the lengths of that path alone. Contentless: the text stays in the item. Porter's
 * stemmer stands in for the service's English analyser; there is no stop word list, so stop words can be found here.
 */
export function createFullText(store: Store, container: Container): void {
  for (const { path, table } of container.fullText) {
    store.exec(`
      DROP TABLE IF EXISTS ${table};
      CREATE VIRTUAL TABLE ${table} USING fts5(text, content='', contentless_delete=1, tokenize='porter unicode61');
      INSERT INTO ${table} (rowid, text) SELECT rid, ${textAt(path)} FROM ${container.table} WHERE ${textAt(path)} IS NOT NULL;
    `);
  }
}

/** The column expressions with an item's indexed texts, named `text0`, `text1`, …; empty without a full-text policy. */
export function textColumns(container: Container): string {
  return container.fullText.map(({ path }, index) => `, ${textAt(path)} AS text${index}`).join('');
}

/** The texts as strings; anything that is not a string is not indexed. */
function textAt(path: string): string {
  const literal = pathLiteral(steps(path));
  return `iif(json_type(doc, ${literal}) = 'text', json_extract(doc, ${literal}), NULL)`;
}

/**
 * Brings the full-text indexes of one item in line, in the transaction of its write. `before` and `after` hold the columns of
 * `textColumns`; an unchanged text costs nothing.
 */
export function updateFullText(
  store: Store,
  container: Container,
  rid: number,
  before: Record<string, SqlValue> | undefined,
  after: Record<string, SqlValue> | undefined,
): void {
  container.fullText.forEach(({ table }, index) => {
    const old = before?.[`text${index}`] ?? null;
    const text = after?.[`text${index}`] ?? null;
    if (old === text) return;
    if (old !== null) store.run(`DELETE FROM ${table} WHERE rowid = $rid`, { rid });
    if (text !== null) store.run(`INSERT INTO ${table} (rowid, text) VALUES ($rid, $text)`, { rid, text });
  });
}

export function fullTextSource(store: Store, container: Container, path: string): FullTextSource | undefined {
  const index = container.fullText.find((candidate) => candidate.path === path);
  if (index === undefined) return undefined;
  return { table: index.table, totalWordCount: () => totalWordCount(store, index.table) };
}

/**
 * FTS5 keeps its totals in the record with id 1 of the shadow table `_data`, as varints: rows, then tokens a column
 * (SQLite's fts5_index.c, "averages record").
 */
function totalWordCount(store: Store, table: string): number {
  const block = store.get(`SELECT hex(block) AS block FROM ${table}_data WHERE id = 1`)?.block;
  const bytes = Buffer.from(String(block ?? ''), 'hex');
  const values: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      values.push(value);
      value = 0;
    }
  }
  return values[1] ?? 0;
}

/** The indexed texts of an item, under the names that `textColumns` gives them. */
export function textsOf(container: Container, document: JsonObject): Record<string, SqlValue> {
  const texts: Record<string, SqlValue> = {};
  container.fullText.forEach(({ path }, index) => {
    let value: Json | undefined = document;
    for (const step of steps(path)) value = isObject(value) ? value[step] : undefined;
    texts[`text${index}`] = typeof value === 'string' ? value : null;
  });
  return texts;
}
