import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { SCHEMA } from './schema.ts';

export type SqlValue = SQLInputValue;

/**
 * The simulator's whole state: one SQLite file that only its owner can read.
 *
 * Ids are SQLite integers inside and strings on the wire. Instants are epoch milliseconds.
 */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  /** Opens `confluence.sqlite` in `dataDir`, which is created when missing. `:memory:` keeps nothing. */
  constructor(dataDir: string) {
    if (dataDir === ':memory:') {
      this.#sqlite = new DatabaseSync(':memory:');
    } else {
      mkdirSync(dataDir, { recursive: true });
      const file = join(dataDir, 'confluence.sqlite');
      this.#sqlite = new DatabaseSync(file);
      chmodSync(file, 0o600);
    }
    // A power cut may lose the last second of a simulation; waiting for the disk on every request would cost more.
    this.#sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;');
    this.#sqlite.exec(SCHEMA);
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  /** Rows one at a time, for results that must not be held in memory. Write nothing to the same table meanwhile. */
  *each<Row>(sql: string, ...values: SqlValue[]): Generator<Row> {
    // A statement of its own: a cached one could be restarted by somebody else in the middle.
    for (const row of this.#sqlite.prepare(sql).iterate(...values)) yield row as Row;
  }

  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  /** Runs a statement and answers how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /** All or nothing. An inner transaction is part of the outer one. */
  transaction<Result>(work: () => Result): Result {
    if (this.#depth > 0) return work();
    this.#sqlite.exec('BEGIN IMMEDIATE');
    this.#depth++;
    try {
      const result = work();
      this.#sqlite.exec('COMMIT');
      return result;
    } catch (error) {
      this.#sqlite.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth--;
    }
  }

  /** May be called twice. */
  close(): void {
    this.#statements.clear();
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      // Queries are built from filters, so their number is not bounded by the source text.
      if (this.#statements.size >= 500) this.#statements.clear();
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** `?, ?, ?` for an IN list of that length. */
export function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
