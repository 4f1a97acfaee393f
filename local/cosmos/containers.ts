import { badRequest, unsupported } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

export interface FullTextIndex {
  path: string;
  table: string;
}

/** A container: its definition as the client sees it, and what the emulator derived from it. */
export interface Container {
  database: string;
  databaseNumber: number;
  number: number;
  id: string;
  resource: JsonObject;
  table: string;
  partitionKeyPath: string[];
  /** Seconds; -1 means that only items with their own `ttl` expire; undefined that none does. */
  defaultTtl: number | undefined;
  fullText: FullTextIndex[];
  /** Composite indexes of the policy: `[path, descending]` lists. */
  composites: [path: string, descending: boolean][][];
  included: string[];
  excluded: string[];
  /** The names of SQLite indexes that exist. */
  indexes: Set<string>;
  documentCount: number;
  /** The last row number given out; never given out again, also after a delete. */
  lastRid: number;
}

const KNOWN = new Set(
  'id partitionKey indexingPolicy defaultTtl fullTextPolicy uniqueKeyPolicy conflictResolutionPolicy geospatialConfig _rid _self _etag _ts _docs _sprocs _triggers _udfs _conflicts'.split(
    ' ',
  ),
);

/**
 * Checks a container definition and fills in what the service would. Throws 400 that names a setting this emulator does
 * not have, so that nothing silently behaves unlike the service.
 */
export function completeDefinition(body: JsonObject): JsonObject {
  for (const name of Object.keys(body)) if (!KNOWN.has(name)) throw unsupported(`The container setting '${name}'`);
  const { uniqueKeyPolicy, defaultTtl, partitionKey } = body;
  if (isObject(uniqueKeyPolicy) && Array.isArray(uniqueKeyPolicy.uniqueKeys) && uniqueKeyPolicy.uniqueKeys.length > 0) {
    throw unsupported('uniqueKeyPolicy');
  }
  if (defaultTtl !== undefined && !(Number.isInteger(defaultTtl) && (defaultTtl === -1 || Number(defaultTtl) > 0))) {
    throw badRequest('defaultTtl must be -1 or a positive number of seconds.');
  }
  const paths = isObject(partitionKey) ? partitionKey.paths : undefined;
  if (!Array.isArray(paths) || paths.length !== 1 || typeof paths[0] !== 'string' || !paths[0].startsWith('/')) {
    throw unsupported('A partition key of other than one path');
  }
  return {
    ...body,
    partitionKey: { paths, kind: 'Hash', version: (isObject(partitionKey) && partitionKey.version) || 2 },
    indexingPolicy: completePolicy(isObject(body.indexingPolicy) ? body.indexingPolicy : {}),
  };
}

function completePolicy(policy: JsonObject): JsonObject {
  if (policy.indexingMode !== undefined && String(policy.indexingMode).toLowerCase() !== 'consistent') {
    throw unsupported(`indexingMode '${policy.indexingMode}'`);
  }
  for (const name of ['spatialIndexes', 'vectorIndexes']) {
    const value = policy[name];
    if (Array.isArray(value) && value.length > 0) throw unsupported(name);
  }
  return {
    ...policy,
    indexingMode: 'consistent',
    automatic: true,
    includedPaths: policy.includedPaths ?? [{ path: '/*' }],
    excludedPaths: policy.excludedPaths ?? [{ path: '/"_etag"/?' }],
  };
}

/** What queries need to know, read from a complete definition. */
export function derive(
  place: Pick<Container, 'database' | 'databaseNumber' | 'number'>,
  resource: JsonObject,
): Omit<Container, 'indexes' | 'documentCount' | 'lastRid'> {
  const policy = isObject(resource.indexingPolicy) ? resource.indexingPolicy : {};
  const [keyPath] = paths(isObject(resource.partitionKey) ? resource.partitionKey.paths : []);
  const withPolicy = new Set(pathsOf(isObject(resource.fullTextPolicy) ? resource.fullTextPolicy.fullTextPaths : []));
  const indexed = pathsOf(policy.fullTextIndexes);
  const missing = indexed.find((path) => !withPolicy.has(path));
  if (missing !== undefined)
    throw badRequest(`The full-text index on ${missing} has no full-text policy for that path.`);
  return {
    ...place,
    id: String(resource.id),
    resource,
    table: `docs_${place.number}`,
    partitionKeyPath: steps(keyPath ?? '/'),
    defaultTtl: typeof resource.defaultTtl === 'number' ? resource.defaultTtl : undefined,
    fullText: indexed.map((path, index) => ({ path, table: `fts_${place.number}_${index}` })),
    composites: compositesOf(policy.compositeIndexes),
    included: pathsOf(policy.includedPaths),
    excluded: pathsOf(policy.excludedPaths),
  };
}

const paths = (value: Json | undefined) => (Array.isArray(value) ? value.map(String) : []);
const pathsOf = (value: Json | undefined) =>
  Array.isArray(value) ? value.map((entry) => String(isObject(entry) ? entry.path : entry)) : [];

function compositesOf(value: Json | undefined): Container['composites'] {
  if (!Array.isArray(value)) return [];
  return value.map((columns) =>
    (Array.isArray(columns) ? columns : []).map((column): [string, boolean] => {
      const { path, order } = isObject(column) ? column : {};
      return [String(path), order === 'descending'];
    }),
  );
}

/** The property names of a path such as `/a/b` or `/"a b"/c`. */
export function steps(path: string): string[] {
  return [...path.matchAll(/\/(?:"([^"]*)"|([^/]+))/g)].map((match) => match[1] ?? match[2] ?? '');
}

/** Whether the indexing policy covers a property: the longest path that fits decides, as in the service. */
export function isIndexed(container: Container, property: string[]): boolean {
  return longest(container.included, property) > longest(container.excluded, property);
}

function longest(patterns: string[], property: string[]): number {
  let best = -1;
  for (const pattern of patterns) {
    const parts = steps(pattern);
    const last = parts.pop();
    const fits = parts.every((part, index) => part === property[index]);
    if (fits && (last === '*' || parts.length === property.length))
      best = Math.max(best, parts.length * 2 + (last === '*' ? 0 : 1));
  }
  return best;
}
