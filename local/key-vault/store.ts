import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { beingDeleted, deletedButRecoverable, deletedSecretNotFound, secretNotFound } from './errors.ts';

/** What a caller may set on a version. Times are seconds since 1970, as on the wire. */
export interface SecretSettings {
  contentType?: string | undefined;
  tags?: Record<string, string> | undefined;
  enabled?: boolean | undefined;
  notBefore?: number | undefined;
  expires?: number | undefined;
}

/** One version of a secret. Times are seconds since 1970. */
export interface SecretVersion extends SecretSettings {
  name: string;
  version: string;
  value: string;
  enabled: boolean;
  created: number;
  updated: number;
}

export interface DeletedSecret extends SecretVersion {
  /** Seconds since 1970. */
  deletedAt: number;
}

export interface SecretStore {
  set(name: string, value: string, settings: SecretSettings): SecretVersion;
  /** The newest version, disabled or not, when `version` is left out. Throws 404 when there is none. */
  get(name: string, version?: string): SecretVersion;
  update(name: string, version: string | undefined, settings: SecretSettings): SecretVersion;
  /** Versions in the order of their ids (which is no order in time, as in the real service) after `after`. */
  versions(name: string, after: string, limit: number): SecretVersion[];
  /** The newest version of each secret, ordered by name, after `after`. */
  list(after: string, limit: number): SecretVersion[];
  delete(name: string): DeletedSecret;
  getDeleted(name: string): DeletedSecret;
  listDeleted(after: string, limit: number): DeletedSecret[];
  recover(name: string): SecretVersion;
  purge(name: string): void;
  close(): void;
}

export interface StoreOptions {
  dataDir: string;
  /** How long a deletion and a purge are under way before the secret is deleted, or its name free again. */
  deletionMs: number;
}

const RETENTION_DAYS = 90;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS secret (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    deleted_at_ms INTEGER,
    purged_at_ms INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS version (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE REFERENCES secret(name) ON DELETE CASCADE,
    version TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL,
    content_type TEXT,
    tags TEXT,
    enabled INTEGER NOT NULL,
    not_before INTEGER,
    expires INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS version_by_name ON version (name, seq);
`;

interface VersionRow {
  name: string;
  version: string;
  value: string;
  content_type: string | null;
  tags: string | null;
  enabled: number;
  not_before: number | null;
  expires: number | null;
  created: number;
  updated: number;
  deleted_at_ms: number | null;
}

interface SecretRow {
  deleted_at_ms: number | null;
  purged_at_ms: number | null;
}

/** Opens (or makes) the vault's database: one file of mode 0600 in a folder of mode 0700. */
export function openStore({ dataDir, deletionMs }: StoreOptions): SecretStore {
  const db = openDatabase(dataDir);
  const one = (sql: string, ...values: SQLInputValue[]) =>
    db.prepare(sql).get(...values) as unknown as VersionRow | undefined;
  const many = (sql: string, ...values: SQLInputValue[]) => db.prepare(sql).all(...values) as unknown as VersionRow[];
  const run = (sql: string, ...values: SQLInputValue[]) => void db.prepare(sql).run(...values);

  // A purged name is held for as long as the purge takes, then it is as if the secret had never been.
  run('DELETE FROM secret WHERE deleted_at_ms < ?', Date.now() - RETENTION_DAYS * 24 * 60 * 60 * 1000);
  const secret = (name: string): SecretRow | undefined => {
    run('DELETE FROM secret WHERE name = ? AND purged_at_ms <= ?', name, Date.now() - deletionMs);
    return db.prepare('SELECT * FROM secret WHERE name = ?').get(name) as unknown as SecretRow | undefined;
  };
  const isUnderWay = (sinceMs: number) => Date.now() < sinceMs + deletionMs;

  const store: SecretStore = {
    set(name, value, settings) {
      const existing = secret(name);
      if (existing?.purged_at_ms != null) throw beingDeleted(name);
      if (existing?.deleted_at_ms != null)
        throw isUnderWay(existing.deleted_at_ms) ? beingDeleted(name) : deletedButRecoverable(name);
      const version = randomBytes(16).toString('hex');
      const now = nowSeconds();
      run('INSERT OR IGNORE INTO secret (name) VALUES (?)', name);
      run(
        `INSERT INTO version (name, version, value, content_type, tags, enabled, not_before, expires, created, updated)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        name,
        version,
        value,
        ...settingColumns({ ...settings, enabled: settings.enabled ?? true }),
        now,
        now,
      );
      return store.get(name, version);
    },

    get(name, version) {
      const row =
        secret(name)?.deleted_at_ms === null
          ? one(
              `SELECT * FROM version WHERE name = ? AND (version = ? OR ? IS NULL) ORDER BY seq DESC LIMIT 1`,
              name,
              version ?? null,
              version ?? null,
            )
          : undefined;
      if (row === undefined) throw secretNotFound(version === undefined ? name : `${name}/${version}`);
      return toVersion(row);
    },

    update(name, version, settings) {
      const current = store.get(name, version);
      const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
      run(
        `UPDATE version SET content_type = ?, tags = ?, enabled = ?, not_before = ?, expires = ?, updated = ?
         WHERE version = ?`,
        ...settingColumns({ ...current, ...given }),
        nowSeconds(),
        current.version,
      );
      return store.get(name, current.version);
    },

    versions(name, after, limit) {
      if (secret(name)?.deleted_at_ms !== null) return [];
      return many(
        'SELECT * FROM version WHERE name = ? AND version > ? ORDER BY version LIMIT ?',
        name,
        after,
        limit,
      ).map(toVersion);
    },

    list(after, limit) {
      return many(latestOfEach('deleted_at_ms IS NULL'), after, limit).map(toVersion);
    },

    delete(name) {
      const current = store.get(name);
      run('UPDATE secret SET deleted_at_ms = ? WHERE name = ?', Date.now(), name);
      return { ...current, deletedAt: nowSeconds() };
    },

    getDeleted(name) {
      const row = secret(name);
      if (row?.deleted_at_ms == null || row.purged_at_ms !== null || isUnderWay(row.deleted_at_ms))
        throw deletedSecretNotFound(name);
      const latest = one(
        `SELECT version.*, deleted_at_ms FROM version JOIN secret USING (name)
         WHERE name = ? ORDER BY seq DESC LIMIT 1`,
        name,
      );
      if (latest === undefined) throw deletedSecretNotFound(name);
      return toDeleted(latest);
    },

    listDeleted(after, limit) {
      return many(
        latestOfEach('deleted_at_ms <= ? AND purged_at_ms IS NULL'),
        Date.now() - deletionMs,
        after,
        limit,
      ).map(toDeleted);
    },

    recover(name) {
      requireDeleted(name, secret(name));
      run('UPDATE secret SET deleted_at_ms = NULL WHERE name = ?', name);
      return store.get(name);
    },

    purge(name) {
      requireDeleted(name, secret(name));
      // Marked first: should the process die in between, the values go with the name.
      run('UPDATE secret SET purged_at_ms = ? WHERE name = ?', Date.now(), name);
      run('DELETE FROM version WHERE name = ?', name);
    },

    close() {
      if (db.isOpen) db.close();
    },
  };

  /** Recover and purge work on a secret whose deletion is complete. */
  function requireDeleted(name: string, row: SecretRow | undefined): void {
    if (row?.deleted_at_ms == null || row.purged_at_ms !== null) throw deletedSecretNotFound(name);
    if (isUnderWay(row.deleted_at_ms)) throw beingDeleted(name);
  }

  return store;
}

function openDatabase(dataDir: string): DatabaseSync {
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  const file = join(dataDir, 'secrets.sqlite');
  // Made with its mode before SQLite writes a byte; SQLite gives its side files the mode of the database.
  closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file, { timeout: 5_000 });
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON',
  );
  db.exec(SCHEMA);
  return db;
}

const latestOfEach = (condition: string) => `
  SELECT version.*, secret.deleted_at_ms FROM secret JOIN version
    ON version.seq = (SELECT max(seq) FROM version WHERE version.name = secret.name)
  WHERE ${condition} AND secret.name > ? ORDER BY secret.name LIMIT ?`;

function settingColumns({ contentType, tags, enabled, notBefore, expires }: SecretSettings): SQLInputValue[] {
  return [
    contentType ?? null,
    tags === undefined ? null : JSON.stringify(tags),
    enabled === false ? 0 : 1,
    notBefore ?? null,
    expires ?? null,
  ];
}

function toVersion(row: VersionRow): SecretVersion {
  return {
    name: row.name,
    version: row.version,
    value: row.value,
    contentType: row.content_type ?? undefined,
    tags: row.tags === null ? undefined : (JSON.parse(row.tags) as Record<string, string>),
    enabled: row.enabled === 1,
    notBefore: row.not_before ?? undefined,
    expires: row.expires ?? undefined,
    created: row.created,
    updated: row.updated,
  };
}

function toDeleted(row: VersionRow): DeletedSecret {
  return { ...toVersion(row), deletedAt: Math.floor((row.deleted_at_ms ?? 0) / 1000) };
}

const nowSeconds = () => Math.floor(Date.now() / 1000);
