/** Tables of the simulator. `site` is the small integer of a site; content ids are unique per site only, as in reality. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS account (
  accountId TEXT PRIMARY KEY, displayName TEXT NOT NULL, email TEXT NOT NULL, timeZone TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'active', updatedAt INTEGER NOT NULL, canSignIn INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS site (
  site INTEGER PRIMARY KEY, cloudId TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL,
  confluence INTEGER NOT NULL, jira INTEGER NOT NULL, removed INTEGER NOT NULL DEFAULT 0,
  seed INTEGER NOT NULL, bodyBytes INTEGER NOT NULL, users INTEGER NOT NULL, pages INTEGER NOT NULL,
  nextId INTEGER NOT NULL, createdAt INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS siteAccess (
  accountId TEXT NOT NULL, site INTEGER NOT NULL, confluence INTEGER NOT NULL, PRIMARY KEY (accountId, site)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS oauthGrant (
  clientId TEXT NOT NULL, accountId TEXT NOT NULL, scopes TEXT NOT NULL, grantedAt INTEGER NOT NULL,
  PRIMARY KEY (clientId, accountId)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS grantSite (
  clientId TEXT NOT NULL, accountId TEXT NOT NULL, site INTEGER NOT NULL, PRIMARY KEY (clientId, accountId, site)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS oauthCode (
  hash TEXT PRIMARY KEY, clientId TEXT NOT NULL, accountId TEXT NOT NULL, redirectUri TEXT NOT NULL,
  scopes TEXT NOT NULL, expiresAt INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokenFamily (
  family TEXT PRIMARY KEY, clientId TEXT NOT NULL, accountId TEXT NOT NULL, dead INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refreshToken (
  hash TEXT PRIMARY KEY, family TEXT NOT NULL, issuedAt INTEGER NOT NULL, rotatedAt INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accessToken (
  hash TEXT PRIMARY KEY, family TEXT NOT NULL, clientId TEXT NOT NULL, accountId TEXT NOT NULL,
  scopes TEXT NOT NULL, expiresAt INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS space (
  site INTEGER NOT NULL, id INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
  status TEXT NOT NULL, description TEXT NOT NULL, authorId TEXT NOT NULL, createdAt INTEGER NOT NULL,
  homepageId INTEGER, hidden INTEGER NOT NULL DEFAULT 0, blocked INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS spaceByKey ON space (site, key);

CREATE TABLE IF NOT EXISTS content (
  site INTEGER NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL, spaceId INTEGER NOT NULL, status TEXT NOT NULL,
  title TEXT NOT NULL COLLATE NOCASE, parentId INTEGER, parentType TEXT, position INTEGER NOT NULL, subtype TEXT,
  authorId TEXT NOT NULL, ownerId TEXT NOT NULL, createdAt INTEGER NOT NULL,
  versionNumber INTEGER NOT NULL, versionAt INTEGER NOT NULL, versionAuthorId TEXT NOT NULL,
  versionMessage TEXT NOT NULL DEFAULT '', minorEdit INTEGER NOT NULL DEFAULT 0,
  bodyVersion INTEGER NOT NULL, generatorIndex INTEGER,
  restrictedTo TEXT, visibleTo TEXT,
  PRIMARY KEY (site, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS contentByModified ON content (site, kind, versionAt, id);
CREATE INDEX IF NOT EXISTS contentByCreated ON content (site, kind, createdAt, id);
CREATE INDEX IF NOT EXISTS contentByTitle ON content (site, kind, title, id);
CREATE INDEX IF NOT EXISTS contentBySpace ON content (site, spaceId, kind, id);
CREATE INDEX IF NOT EXISTS contentByParent ON content (site, parentId);

CREATE TABLE IF NOT EXISTS body (
  site INTEGER NOT NULL, contentId INTEGER NOT NULL, bodyVersion INTEGER NOT NULL, storage TEXT NOT NULL,
  PRIMARY KEY (site, contentId, bodyVersion)
);
CREATE TABLE IF NOT EXISTS version (
  site INTEGER NOT NULL, contentId INTEGER NOT NULL, number INTEGER NOT NULL, createdAt INTEGER NOT NULL,
  authorId TEXT NOT NULL, message TEXT NOT NULL, minorEdit INTEGER NOT NULL, title TEXT NOT NULL,
  bodyVersion INTEGER NOT NULL, PRIMARY KEY (site, contentId, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS label (
  site INTEGER NOT NULL, id INTEGER NOT NULL, prefix TEXT NOT NULL, name TEXT NOT NULL, ownerId TEXT NOT NULL,
  createdAt INTEGER NOT NULL, PRIMARY KEY (site, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS labelByName ON label (site, prefix, name, ownerId);
CREATE TABLE IF NOT EXISTS contentLabel (
  site INTEGER NOT NULL, labelId INTEGER NOT NULL, contentId INTEGER NOT NULL, PRIMARY KEY (site, labelId, contentId)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS labelByContent ON contentLabel (site, contentId, labelId);

CREATE TABLE IF NOT EXISTS attachment (
  site INTEGER NOT NULL, id INTEGER NOT NULL, contentId INTEGER NOT NULL, status TEXT NOT NULL, title TEXT NOT NULL,
  mediaType TEXT NOT NULL, fileSize INTEGER NOT NULL, comment TEXT NOT NULL, fileId TEXT NOT NULL,
  createdAt INTEGER NOT NULL, versionNumber INTEGER NOT NULL, versionAt INTEGER NOT NULL,
  versionAuthorId TEXT NOT NULL, PRIMARY KEY (site, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attachmentByContent ON attachment (site, contentId, id);
CREATE INDEX IF NOT EXISTS attachmentByModified ON attachment (site, versionAt, id);
CREATE INDEX IF NOT EXISTS attachmentByCreated ON attachment (site, createdAt, id);

CREATE TABLE IF NOT EXISTS searchDoc (
  doc INTEGER PRIMARY KEY, site INTEGER NOT NULL, contentId INTEGER NOT NULL, type TEXT NOT NULL,
  title TEXT NOT NULL COLLATE NOCASE, lastModified INTEGER NOT NULL, UNIQUE (site, contentId, type)
);
CREATE VIRTUAL TABLE IF NOT EXISTS searchText USING fts5 (
  title, text, content = '', contentless_delete = 1, tokenize = 'porter unicode61'
);
CREATE TABLE IF NOT EXISTS searchPending (
  site INTEGER NOT NULL, contentId INTEGER NOT NULL, type TEXT NOT NULL, dueAt INTEGER NOT NULL,
  PRIMARY KEY (site, contentId, type)
) WITHOUT ROWID;
`;
