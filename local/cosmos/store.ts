import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Container, completeDefinition, derive } from './containers.ts';
import { conflict, notFound } from './errors.ts';
import { createFullText } from './full-text.ts';
import { policyIndexes } from './indexes.ts';
import type { JsonObject } from './json.ts';
import { resourceId } from './resource-id.ts';
import type { SqlValue } from './sql/scope.ts';
import { registerFunctions } from './sql/sqlite-functions.ts';

export type Row = Record<string, SqlValue>;

/**
 * The SQLite database: databases, containers and a table of items per container. One process owns it; every statement runs to
 * its end before the next request is looked at, so there is no locking beyond SQLite's own.
 */
export class Store {
  /** Moves TTL and `_ts`; set by the clock switch. */
  clockOffsetSeconds = 0;
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private readonly containers = new Map<string, Container>();
  private lastChange: number;

  constructor(dataDir: string | undefined) {
    this.database = open(dataDir);
    registerFunctions(this.database);
    this.database.exec(`
      CREATE TABLE IF NOT EXISTS databases (number INTEGER PRIMARY KEY, id TEXT UNIQUE, resource TEXT);
      CREATE TABLE IF NOT EXISTS containers (
        number INTEGER PRIMARY KEY, database INTEGER, id TEXT, resource TEXT, UNIQUE (database, id));
    `);
    // Session tokens must not go back after a restart, so they begin at the time.
    this.lastChange = Date.now();
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  nowSeconds(): number {
    return Math.floor(Date.now() / 1000) + this.clockOffsetSeconds;
  }

  /** The number of the last change, for session tokens. */
  get changeNumber(): number {
    return this.lastChange;
  }

  countChange(): void {
    this.lastChange++;
  }

  /** Statements are prepared once a text; named parameters are bound by their names without `$`. */
  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      if (this.statements.size > 2000) this.statements.clear();
      statement = this.database.prepare(sql);
      // One set of bindings serves all parts of a query, and not every statement uses each of them.
      statement.setAllowUnknownNamedParameters(true);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  get(sql: string, bindings: Row = {}): Row | undefined {
    return this.statement(sql).get(bindings) as Row | undefined;
  }

  all(sql: string, bindings: Row = {}): Row[] {
    return this.statement(sql).all(bindings) as Row[];
  }

  run(sql: string, bindings: Row = {}): { changes: number; lastInsertRowid: number } {
    const { changes, lastInsertRowid } = this.statement(sql).run(bindings);
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  }

  exec(sql: string): void {
    this.database.exec(sql);
  }

  /** All or nothing. An inner call is part of the outer transaction. */
  transaction<T>(work: () => T): T {
    if (this.database.isTransaction) return work();
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      this.run('ROLLBACK');
      throw error;
    }
  }

  listDatabases(): JsonObject[] {
    return this.all('SELECT resource FROM databases ORDER BY number').map((row) => parse(row.resource));
  }

  getDatabase(id: string): { number: number; resource: JsonObject } {
    const row = this.get('SELECT number, resource FROM databases WHERE id = $id', { id });
    if (row === undefined) throw notFound();
    return { number: Number(row.number), resource: parse(row.resource) };
  }

  createDatabase(id: string): JsonObject {
    if (this.get('SELECT 1 FROM databases WHERE id = $id', { id })) throw conflict();
    const number = Number(this.get('SELECT coalesce(max(number), 0) + 1 AS number FROM databases')?.number);
    const rid = resourceId(number);
    const resource = { id, ...this.system(rid, `dbs/${rid}/`), _colls: 'colls/', _users: 'users/' };
    this.run('INSERT INTO databases VALUES ($number, $id, $resource)', {
      number,
      id,
      resource: JSON.stringify(resource),
    });
    return resource;
  }

  deleteDatabase(id: string): void {
    const { number } = this.getDatabase(id);
    for (const { id: container } of this.listContainers(id)) this.deleteContainer(id, String(container));
    this.run('DELETE FROM databases WHERE number = $number', { number });
  }

  listContainers(database: string): JsonObject[] {
    const { number } = this.getDatabase(database);
    const rows = this.all('SELECT resource FROM containers WHERE database = $number ORDER BY number', { number });
    return rows.map((row) => parse(row.resource));
  }

  getContainer(database: string, id: string): Container {
    const key = `${database}/${id}`;
    const known = this.containers.get(key);
    if (known !== undefined) return known;
    const { number: databaseNumber } = this.getDatabase(database);
    const row = this.get('SELECT number, resource FROM containers WHERE database = $databaseNumber AND id = $id', {
      databaseNumber,
      id,
    });
    if (row === undefined) throw notFound();
    const place = { database, databaseNumber, number: Number(row.number) };
    const derived = derive(place, parse(row.resource));
    const names = this.all(
      "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = $table",
      {
        table: derived.table,
      },
    );
    const count = this.get(`SELECT count(*) AS count FROM ${derived.table}`)?.count;
    const last = this.get('SELECT seq FROM sqlite_sequence WHERE name = $table', { table: derived.table })?.seq;
    const container = {
      ...derived,
      indexes: new Set(names.map((name) => String(name.name))),
      documentCount: Number(count),
      lastRid: Number(last ?? 0),
    };
    this.containers.set(key, container);
    return container;
  }

  /** Every container in use since the start, and, on the first call, all that are stored. */
  allContainers(): Container[] {
    const rows = this.all(
      'SELECT d.id AS database, c.id AS id FROM containers c JOIN databases d ON d.number = c.database',
    );
    return rows.map((row) => this.getContainer(String(row.database), String(row.id)));
  }

  createContainer(database: string, body: JsonObject): Container {
    const { number: databaseNumber } = this.getDatabase(database);
    const id = String(body.id);
    const exists = 'SELECT 1 FROM containers WHERE database = $databaseNumber AND id = $id';
    if (this.get(exists, { databaseNumber, id })) throw conflict();
    const number = Number(this.get('SELECT coalesce(max(number), 0) + 1 AS number FROM containers')?.number);
    const rid = resourceId(databaseNumber, number);
    const self = `dbs/${resourceId(databaseNumber)}/colls/${rid}/`;
    const resource = {
      ...completeDefinition(body),
      ...this.system(rid, self),
      ...{ _docs: 'docs/', _sprocs: 'sprocs/', _triggers: 'triggers/', _udfs: 'udfs/', _conflicts: 'conflicts/' },
    };
    const { table } = derive({ database, databaseNumber, number }, resource);
    this.transaction(() => {
      this.run('INSERT INTO containers VALUES ($number, $databaseNumber, $id, $resource)', {
        number,
        databaseNumber,
        id,
        resource: JSON.stringify(resource),
      });
      // doc comes last: a filter on the columns before it need not read a long item's overflow pages.
      this.exec(`
        CREATE TABLE ${table} (
          rid INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, id TEXT NOT NULL, etag TEXT NOT NULL,
          expires_at INTEGER, doc BLOB NOT NULL, UNIQUE (pk, id));
        CREATE INDEX ${table}_in_order ON ${table} (pk);
        CREATE INDEX ${table}_expiry ON ${table} (expires_at) WHERE expires_at IS NOT NULL;
      `);
      this.createIndexes(this.getContainer(database, id));
    });
    return this.getContainer(database, id);
  }

  /** Replaces policies; the id and the partition key cannot change. */
  replaceContainer(database: string, id: string, body: JsonObject): Container {
    const container = this.getContainer(database, id);
    const { _rid, _self, _docs, _sprocs, _triggers, _udfs, _conflicts } = container.resource;
    const resource = {
      ...completeDefinition({ ...body, partitionKey: container.resource.partitionKey ?? null }),
      ...this.system(String(_rid), String(_self)),
      ...{ _docs, _sprocs, _triggers, _udfs, _conflicts },
    } as JsonObject;
    derive(container, resource);
    this.transaction(() => {
      for (const { table } of container.fullText) this.exec(`DROP TABLE ${table}`);
      const text = JSON.stringify(resource);
      this.run('UPDATE containers SET resource = $text WHERE number = $number', { text, number: container.number });
      this.containers.delete(`${database}/${id}`);
      const replaced = this.getContainer(database, id);
      this.createIndexes(replaced);
      this.resetExpiry(replaced);
    });
    return this.getContainer(database, id);
  }

  deleteContainer(database: string, id: string): void {
    const container = this.getContainer(database, id);
    this.transaction(() => {
      for (const { table } of container.fullText) this.exec(`DROP TABLE ${table}`);
      this.exec(`DROP TABLE ${container.table}`);
      this.run('DELETE FROM containers WHERE number = $number', { number: container.number });
    });
    this.containers.delete(`${database}/${id}`);
    this.statements.clear();
  }

  private createIndexes(container: Container): void {
    for (const index of policyIndexes(container)) {
      this.exec(index.sql);
      container.indexes.add(index.name);
    }
    createFullText(this, container);
  }

  /** A container's new default applies to the items it already holds. */
  private resetExpiry({ table, defaultTtl }: Container): void {
    const own = "json_extract(doc, '$.ttl')";
    const ttl = defaultTtl === undefined ? 'NULL' : `nullif(coalesce(${own}, ${defaultTtl}), -1)`;
    this.exec(`UPDATE ${table} SET expires_at = json_extract(doc, '$._ts') + ${ttl}`);
  }

  private system(rid: string, self: string) {
    return { _rid: rid, _self: self, _etag: `"${crypto.randomUUID()}"`, _ts: this.nowSeconds() };
  }
}

const parse = (text: SqlValue | undefined) => JSON.parse(String(text)) as JsonObject;

function open(dataDir: string | undefined): DatabaseSync {
  if (dataDir === undefined || dataDir === ':memory:') return new DatabaseSync(':memory:');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'cosmos.sqlite');
  const database = new DatabaseSync(file);
  // Set before the first write: SQLite gives the -wal and -shm files the database file's mode.
  chmodSync(file, 0o600);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;');
  return database;
}
