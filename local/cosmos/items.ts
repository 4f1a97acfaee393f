import { readCharge, writeCharge } from './charge.ts';
import type { Container } from './containers.ts';
import { badRequest, CosmosError, conflict, notFound, preconditionFailed } from './errors.ts';
import { textColumns, textsOf, updateFullText } from './full-text.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { keyMismatch, keyOfItem } from './partition-key.ts';
import { applyPatch, parsePatch } from './patch.ts';
import { patchCondition } from './query.ts';
import { resourceId } from './resource-id.ts';
import type { Row, Store } from './store.ts';

export type ItemOperationType = 'create' | 'upsert' | 'read' | 'replace' | 'delete' | 'patch';

export interface ItemOperation {
  type: ItemOperationType;
  /** Undefined for create and upsert, which take it from the body. */
  id: string | undefined;
  /** As stored; undefined only where the body holds it (create, upsert, replace). */
  partitionKey: string | undefined;
  body?: Json | undefined;
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
}

export interface ItemResult {
  status: 200 | 201 | 204 | 304;
  etag: string | undefined;
  /** The item's JSON text; undefined for a delete and for 304. */
  text: string | undefined;
  charge: number;
}

const MAX_ITEM_BYTES = 2 * 1024 * 1024;
const SYSTEM = new Set(['_rid', '_self', '_etag', '_ts', '_attachments', '_lsn']);

/** Runs one operation on one item. Throws what the service would answer: 400, 404, 409, 412, 413. */
export function execute(store: Store, container: Container, operation: ItemOperation): ItemResult {
  switch (operation.type) {
    case 'read':
      return read(store, container, operation);
    case 'delete':
      return remove(store, container, operation);
    case 'patch':
      return patch(store, container, operation);
    default:
      return write(store, container, operation);
  }
}

function find(store: Store, container: Container, pk: string, id: string, columns: string): Row | undefined {
  const sql = `SELECT rid, etag, expires_at${columns} FROM ${container.table} WHERE pk = $pk AND id = $id`;
  const row = store.get(sql, { pk, id });
  if (row === undefined || row.expires_at === null || container.defaultTtl === undefined) return row;
  if (Number(row.expires_at) > store.nowSeconds()) return row;
  // Expired but not yet swept: it is gone for every reader, so the writer that comes next finds no trace of it either.
  deleteRow(store, container, Number(row.rid));
  return undefined;
}

function read(store: Store, container: Container, operation: ItemOperation): ItemResult {
  const row = find(store, container, key(operation), identifier(operation), ', json(doc) AS text');
  if (row === undefined) throw notFound();
  const etag = String(row.etag);
  if (operation.ifNoneMatch !== undefined && matches(etag, operation.ifNoneMatch)) {
    return { status: 304, etag, text: undefined, charge: 1 };
  }
  const text = String(row.text);
  return { status: 200, etag, text, charge: readCharge(text.length) };
}

function remove(store: Store, container: Container, operation: ItemOperation): ItemResult {
  const row = find(store, container, key(operation), identifier(operation), ', length(doc) AS bytes');
  if (row === undefined) throw notFound();
  checkConditions(operation, String(row.etag));
  deleteRow(store, container, Number(row.rid));
  store.countChange();
  return { status: 204, etag: undefined, text: undefined, charge: writeCharge(Number(row.bytes)) };
}

function patch(store: Store, container: Container, operation: ItemOperation): ItemResult {
  const { operations, condition } = parsePatch(operation.body);
  const pk = key(operation);
  const columns = `, json(doc) AS text${textColumns(container)}`;
  const row = find(store, container, pk, identifier(operation), columns);
  if (row === undefined) throw notFound();
  checkConditions(operation, String(row.etag));
  if (condition !== undefined && !patchCondition(store, container, condition, Number(row.rid)))
    throw preconditionFailed();
  const document = JSON.parse(String(row.text)) as JsonObject;
  const patched = applyPatch(document, operations);
  if (keyOfItem(container, patched) !== pk) throw badRequest('A patch cannot change the partition key.');
  return store.transaction(() => save(store, container, patched, pk, row, 200));
}

function write(store: Store, container: Container, operation: ItemOperation): ItemResult {
  const { body, type } = operation;
  if (!isObject(body)) throw badRequest('The request payload is invalid. Ensure to provide a valid JSON object.');
  const id = checkId(body.id);
  if (operation.id !== undefined && operation.id !== id) throw badRequest("The 'id' of the item cannot be changed.");
  const pk = keyOfItem(container, body);
  if (operation.partitionKey !== undefined && operation.partitionKey !== pk) throw keyMismatch();
  const row = find(store, container, pk, id, textColumns(container));
  if (row === undefined && type === 'replace') throw notFound();
  if (row !== undefined && type === 'create') throw conflict();
  // An upsert that finds no item inserts it: in the service, too, If-Match guards only an update.
  if (row !== undefined) checkConditions(operation, String(row.etag));
  return store.transaction(() => save(store, container, body, pk, row, row === undefined ? 201 : 200));
}

function save(
  store: Store,
  container: Container,
  body: JsonObject,
  pk: string,
  before: Row | undefined,
  status: 200 | 201,
): ItemResult {
  const id = String(body.id);
  const now = store.nowSeconds();
  const expiresAt = expiry(container, body.ttl, now);
  const etag = `"${crypto.randomUUID()}"`;
  const rid = before === undefined ? container.lastRid + 1 : Number(before.rid);
  const text = JSON.stringify(withSystem(container, body, rid, etag, now));
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_ITEM_BYTES) throw new CosmosError(413, 'Request size is too large');
  const sql =
    before === undefined
      ? `INSERT INTO ${container.table} (rid, pk, id, etag, expires_at, doc) VALUES ($rid, $pk, $id, $etag, $expiresAt, jsonb($text))`
      : `UPDATE ${container.table} SET etag = $etag, expires_at = $expiresAt, doc = jsonb($text) WHERE rid = $rid`;
  store.run(sql, { rid, pk, id, etag, expiresAt, text });
  if (container.fullText.length > 0) updateFullText(store, container, rid, before, textsOf(container, body));
  if (before === undefined) {
    container.lastRid = rid;
    container.documentCount++;
  }
  store.countChange();
  return { status, etag, text, charge: writeCharge(bytes) };
}

function deleteRow(store: Store, container: Container, rid: number): void {
  store.transaction(() => {
    for (const { table } of container.fullText) store.run(`DELETE FROM ${table} WHERE rowid = $rid`, { rid });
    store.run(`DELETE FROM ${container.table} WHERE rid = $rid`, { rid });
  });
  container.documentCount--;
}

/** Deletes some of the items that have expired; returns how many. */
export function sweep(store: Store, container: Container, most: number): number {
  if (container.defaultTtl === undefined) return 0;
  const sql = `SELECT rid FROM ${container.table} WHERE expires_at <= $now LIMIT $most`;
  const rows = store.all(sql, { now: store.nowSeconds(), most });
  store.transaction(() => {
    for (const row of rows) deleteRow(store, container, Number(row.rid));
  });
  return rows.length;
}

function withSystem(container: Container, body: JsonObject, rid: number, etag: string, now: number): JsonObject {
  const document: JsonObject = {};
  for (const [name, value] of Object.entries(body)) if (!SYSTEM.has(name)) document[name] = value;
  document._rid = resourceId(container.databaseNumber, container.number, rid);
  document._self = `${container.resource._self}docs/${document._rid}/`;
  document._etag = etag;
  document._attachments = 'attachments/';
  document._ts = now;
  return document;
}

function expiry(container: Container, ttl: Json | undefined, now: number): number | null {
  if (ttl !== undefined && ttl !== null && !(Number.isInteger(ttl) && (ttl === -1 || Number(ttl) > 0))) {
    throw badRequest(
      `The input ttl '${JSON.stringify(ttl)}' is invalid. Ensure to provide a nonzero positive integer or -1.`,
    );
  }
  if (container.defaultTtl === undefined) return null;
  const seconds = typeof ttl === 'number' ? ttl : container.defaultTtl;
  return seconds === -1 ? null : now + seconds;
}

function checkConditions({ ifMatch, ifNoneMatch }: ItemOperation, etag: string): void {
  if (ifMatch !== undefined && !matches(etag, ifMatch)) throw preconditionFailed();
  if (ifNoneMatch !== undefined && matches(etag, ifNoneMatch)) throw preconditionFailed();
}

const matches = (etag: string, wanted: string) => wanted === '*' || wanted === etag;

function checkId(id: Json | undefined): string {
  if (typeof id !== 'string' || id === '') {
    throw badRequest("The input content is invalid because the required properties - 'id; ' - are missing");
  }
  if (/[/\\#]/.test(id)) throw badRequest("The 'id' must not contain '/', '\\' or '#'.");
  if (Buffer.byteLength(id) > 1023) throw badRequest("The 'id' must not be longer than 1023 bytes.");
  return id;
}

function key(operation: ItemOperation): string {
  if (operation.partitionKey === undefined) {
    throw badRequest('PartitionKey value must be supplied for this operation.');
  }
  return operation.partitionKey;
}

const identifier = (operation: ItemOperation) => operation.id ?? '';
