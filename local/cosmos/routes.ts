import type { IncomingMessage } from 'node:http';
import { runBatch } from './batch.ts';
import type { Container } from './containers.ts';
import { badRequest, CosmosError, unsupported } from './errors.ts';
import { execute, type ItemOperation, type ItemOperationType, type ItemResult } from './items.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { keyOfHeader } from './partition-key.ts';
import { parseSpec, runQuery } from './query.ts';
import { queryPlan } from './query-plan.ts';
import { header, type Route } from './request.ts';
import { parse } from './sql/parser.ts';
import type { Store } from './store.ts';
import type { Faults, Stats, Subject } from './switches.ts';

export interface Context {
  store: Store;
  faults: Faults;
  stats: Stats;
}

export interface Answer {
  status: number;
  text?: string;
  headers?: Record<string, string>;
  /** Request units. */
  charge?: number;
}

const DEFAULT_PAGE = 100;
const DYNAMIC_PAGE = 1000;

/** Answers one authorized request of the Cosmos DB REST API; fills in `subject` for the counters. Throws CosmosError. */
export function answer(
  context: Context,
  request: IncomingMessage,
  route: Route,
  body: Json | undefined,
  subject: Subject,
): Answer {
  if (route.container !== undefined && (route.item !== undefined || route.feed !== undefined)) {
    const container = () => context.store.getContainer(route.database ?? '', route.container ?? '');
    subject.container = route.container;
    if (route.feed === 'pkranges') return partitionKeyRanges(container());
    if (route.item === undefined && route.feed !== 'docs') throw unsupported(`The resource '${route.feed}'`);
    for (const kind of ['pre', 'post']) {
      if (header(request, `x-ms-documentdb-${kind}-trigger-include`)) throw unsupported('A trigger');
    }
    subject.operation = operationOf(request, route);
    subject.id = route.item ?? (isObject(body) && typeof body.id === 'string' ? body.id : '');
    return faulty(context, subject, () => documents(context, request, route, container(), body, subject));
  }
  return faulty(context, subject, () => metadata(context, request, route, body));
}

/** Runs into an injected fault instead of, or after, the work. */
function faulty(context: Context, subject: Subject, work: () => Answer): Answer {
  const fault = context.faults.take(subject);
  if (fault === undefined) return work();
  if (fault.applied) work();
  throw fault.error;
}

function operationOf(request: IncomingMessage, route: Route): string {
  if (route.item !== undefined) {
    const types: Record<string, string> = { GET: 'read', PUT: 'replace', PATCH: 'patch', DELETE: 'delete' };
    return types[request.method ?? ''] ?? 'metadata';
  }
  if (flag(request, 'x-ms-cosmos-is-batch-request'))
    return flag(request, 'x-ms-cosmos-batch-atomic') ? 'batch' : 'bulk';
  if (flag(request, 'x-ms-cosmos-is-query-plan-request')) return 'plan';
  if (request.method === 'GET' || flag(request, 'x-ms-documentdb-isquery')) return 'query';
  return flag(request, 'x-ms-documentdb-is-upsert') ? 'upsert' : 'create';
}

const flag = (request: IncomingMessage, name: string) => header(request, name)?.toLowerCase() === 'true';

function documents(
  context: Context,
  request: IncomingMessage,
  route: Route,
  container: Container,
  body: Json | undefined,
  subject: Subject,
): Answer {
  const partitionKey = keyOfHeader(header(request, 'x-ms-documentdb-partitionkey'));
  switch (subject.operation) {
    case 'query':
      return query(context.store, request, container, body, partitionKey);
    case 'plan': {
      const spec = parseSpec(body);
      return { status: 200, text: JSON.stringify(queryPlan(parse(spec.text), spec.parameters)) };
    }
    case 'batch':
    case 'bulk':
      return batch(context, request, container, body, partitionKey);
    case 'metadata':
      throw new CosmosError(405, `${request.method} is not a method of an item.`);
    default: {
      const operation: ItemOperation = {
        type: subject.operation as ItemOperationType,
        id: route.item,
        partitionKey,
        body,
        ifMatch: header(request, 'if-match'),
        ifNoneMatch: header(request, 'if-none-match'),
      };
      return itemAnswer(container, execute(context.store, container, operation));
    }
  }
}

function itemAnswer(container: Container, { status, etag, text, charge }: ItemResult): Answer {
  const headers = { ...owner(container), ...(etag === undefined ? {} : { etag }) };
  return text === undefined ? { status, headers, charge } : { status, text, headers, charge };
}

/** What the client files the session token under. */
function owner(container: Container): Record<string, string> {
  return {
    'x-ms-alt-content-path': encodeURI(`dbs/${container.database}/colls/${container.id}`),
    'x-ms-content-path': String(container.resource._rid),
  };
}

function query(
  store: Store,
  request: IncomingMessage,
  container: Container,
  body: Json | undefined,
  partitionKey: string | undefined,
): Answer {
  if (header(request, 'a-im') !== undefined) throw unsupported('The change feed');
  const asked = Number(header(request, 'x-ms-max-item-count') ?? DEFAULT_PAGE);
  const { results, continuation, charge } = runQuery(store, container, {
    spec: request.method === 'GET' ? { text: 'SELECT * FROM c', parameters: new Map() } : parseSpec(body),
    partitionKey,
    physicalPartition: header(request, 'x-ms-documentdb-partitionkeyrangeid') !== undefined,
    continuation: header(request, 'x-ms-continuation') || undefined,
    maxItems: asked > 0 ? asked : DYNAMIC_PAGE,
  });
  const text = `{"_rid":${JSON.stringify(container.resource._rid)},"Documents":[${results.join()}],"_count":${results.length}}`;
  const headers = { ...owner(container), 'x-ms-item-count': String(results.length) };
  const next = continuation === undefined ? {} : { 'x-ms-continuation': continuation };
  return { status: 200, text, headers: { ...headers, ...next }, charge };
}

function batch(
  { store, faults, stats }: Context,
  request: IncomingMessage,
  container: Container,
  body: Json | undefined,
  partitionKey: string | undefined,
): Answer {
  const atomic = flag(request, 'x-ms-cosmos-batch-atomic');
  if (atomic && Number(header(request, 'content-length') ?? 0) > 2 * 1024 * 1024) {
    throw new CosmosError(413, 'Request size is too large');
  }
  const { status, results, charge } = runBatch(store, container, {
    body,
    partitionKey,
    atomic,
    continueOnError: !atomic && header(request, 'x-ms-cosmos-batch-continue-on-error')?.toLowerCase() !== 'false',
    minimal: header(request, 'prefer') === 'return=minimal',
    fault: (operation) => {
      const id = operation.id ?? (isObject(operation.body) ? String(operation.body.id) : '');
      return faults.take({ operation: 'bulk-item', container: container.id, id })?.error;
    },
  });
  for (const result of results) {
    stats.add(
      { operation: `${atomic ? 'batch' : 'bulk'}-item`, container: container.id, id: '' },
      Number(result.statusCode),
      0,
    );
  }
  return { status, text: JSON.stringify(results), headers: owner(container), charge };
}

/** One physical partition holds every key: enough for one machine, and honest about what a query plan must still do. */
function partitionKeyRanges(container: Container): Answer {
  const range = {
    id: '0',
    _rid: container.resource._rid,
    minInclusive: '',
    maxExclusive: 'FF',
    status: 'online',
    parents: [],
  };
  return feed('PartitionKeyRanges', [{ ...range, ridPrefix: 0, throughputFraction: 1 } as unknown as JsonObject]);
}

const feed = (name: string, items: JsonObject[]): Answer => ({
  status: 200,
  text: JSON.stringify({ _rid: '', [name]: items, _count: items.length }),
});

function metadata({ store }: Context, request: IncomingMessage, route: Route, body: Json | undefined): Answer {
  const { database, container, feed: list } = route;
  const method = request.method ?? '';
  if (flag(request, 'x-ms-documentdb-isquery')) throw unsupported('A query on databases or containers');
  if (list === '') return account(request);
  if (list === 'dbs') {
    if (method === 'GET') return feed('Databases', store.listDatabases());
    if (method === 'POST') return resource(store.createDatabase(resourceName(body)), 201);
  }
  if (database !== undefined && list === 'colls') {
    if (method === 'GET') return feed('DocumentCollections', store.listContainers(database));
    const definition = { id: resourceName(body), ...(isObject(body) ? body : {}) };
    if (method === 'POST') return resource(store.createContainer(database, definition).resource, 201);
  }
  if (list !== undefined || database === undefined) throw unsupported(`The resource '${list}'`);
  if (container !== undefined) return containerMetadata(store, method, database, container, body);
  if (method === 'GET') return resource(store.getDatabase(database).resource, 200);
  if (method !== 'DELETE') throw new CosmosError(405, `${method} is not a method of a database.`);
  store.deleteDatabase(database);
  return { status: 204 };
}

function containerMetadata(store: Store, method: string, database: string, id: string, body: Json | undefined): Answer {
  switch (method) {
    case 'GET':
      return resource(store.getContainer(database, id).resource, 200);
    case 'PUT':
      if (!isObject(body) || body.id !== id) throw badRequest('The id of a container cannot be changed.');
      return resource(store.replaceContainer(database, id, body).resource, 200);
    case 'DELETE':
      store.deleteContainer(database, id);
      return { status: 204 };
    default:
      throw new CosmosError(405, `${method} is not a method of a container.`);
  }
}

function resource(value: JsonObject, status: number): Answer {
  return { status, text: JSON.stringify(value), headers: { etag: String(value._etag) } };
}

function resourceName(body: Json | undefined): string {
  const id = isObject(body) ? body.id : undefined;
  if (typeof id !== 'string' || id === '' || /[/\\?#]/.test(id) || id.endsWith(' ') || id.length > 255) {
    throw badRequest("The 'id' must be 1 to 255 characters, without '/', '\\', '?', '#' or a space at the end.");
  }
  return id;
}

/** The client goes on with the endpoint named here, so it is the one it has already reached. */
function account(request: IncomingMessage): Answer {
  const location = { name: 'Local', databaseAccountEndpoint: `http://${header(request, 'host')}/` };
  const text = JSON.stringify({
    _self: '',
    id: 'emulator',
    _rid: 'emulator',
    media: '//media/',
    addresses: '//addresses/',
    _dbs: '//dbs/',
    writableLocations: [location],
    readableLocations: [location],
    enableMultipleWriteLocations: false,
    userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
    userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 1, maxReplicasetSize: 1 },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 1 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: '{}',
  });
  return { status: 200, text };
}
