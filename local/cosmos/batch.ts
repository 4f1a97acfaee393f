import type { Container } from './containers.ts';
import { badRequest, CosmosError } from './errors.ts';
import { execute, type ItemOperation, type ItemOperationType } from './items.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { keyOfHeader } from './partition-key.ts';
import type { Store } from './store.ts';

export interface BatchRequest {
  body: Json | undefined;
  /** The header's, for an atomic batch; operations of a bulk request bring their own. */
  partitionKey: string | undefined;
  atomic: boolean;
  continueOnError: boolean;
  /** `Prefer: return=minimal`: results without bodies. */
  minimal: boolean;
  /** An injected fault for one operation; undefined for none. */
  fault(operation: ItemOperation): CosmosError | undefined;
}

export interface BatchResponse {
  status: 200 | 207;
  results: JsonObject[];
  charge: number;
}

const MOST_OPERATIONS = 100;
const TYPES: Record<string, ItemOperationType> = {
  Create: 'create',
  Upsert: 'upsert',
  Read: 'read',
  Replace: 'replace',
  Delete: 'delete',
  Patch: 'patch',
};

/**
 * Runs a transactional batch (all or nothing: after a failure every other operation answers 424) or a bulk request (each
 * operation for itself, in one SQLite transaction only for speed). Throws 400 for a malformed request.
 */
export function runBatch(store: Store, container: Container, request: BatchRequest): BatchResponse {
  if (!Array.isArray(request.body) || request.body.length === 0)
    throw badRequest('A batch needs at least one operation.');
  if (request.body.length > MOST_OPERATIONS) {
    throw badRequest(`Batch request has more operations than what is supported: at most ${MOST_OPERATIONS}.`);
  }
  const operations = request.body.map((entry) => parseOperation(entry, request));
  const { results, failed } = request.atomic
    ? atomic(store, container, operations, request)
    : bulk(store, container, operations, request);
  const charge = results.reduce((sum, result) => sum + Number(result.requestCharge), 0);
  return { status: failed ? 207 : 200, results, charge: Math.round(charge * 100) / 100 };
}

function atomic(store: Store, container: Container, operations: ItemOperation[], request: BatchRequest) {
  const { documentCount } = container;
  const done: JsonObject[] = [];
  try {
    store.transaction(() => {
      for (const operation of operations) done.push(attempt(store, container, operation, request));
    });
    return { results: done, failed: false };
  } catch (error) {
    if (!(error instanceof CosmosError)) throw error;
    container.documentCount = documentCount;
    const results = operations.map((_, index) => (index === done.length ? failure(error) : failure(DEPENDENCY)));
    return { results, failed: true };
  }
}

function bulk(store: Store, container: Container, operations: ItemOperation[], request: BatchRequest) {
  let failed = false;
  const results = store.transaction(() =>
    operations.map((operation) => {
      if (failed && !request.continueOnError) return failure(DEPENDENCY);
      try {
        return attempt(store, container, operation, request);
      } catch (error) {
        if (!(error instanceof CosmosError)) throw error;
        failed = true;
        return failure(error);
      }
    }),
  );
  return { results, failed };
}

function attempt(store: Store, container: Container, operation: ItemOperation, request: BatchRequest): JsonObject {
  const fault = request.fault(operation);
  if (fault !== undefined) throw fault;
  const { status, etag, text, charge } = execute(store, container, operation);
  const result: JsonObject = { statusCode: status, requestCharge: charge };
  if (etag !== undefined) result.eTag = etag;
  const wanted = text !== undefined && (!request.minimal || operation.type === 'read');
  if (wanted) result.resourceBody = JSON.parse(text) as Json;
  return result;
}

const DEPENDENCY = new CosmosError(424, 'Another operation of the batch failed.');

function failure(error: CosmosError): JsonObject {
  const result: JsonObject = {
    statusCode: error.status,
    requestCharge: error.status === 424 ? 0 : 1,
    message: error.message,
  };
  if (error.substatus !== undefined) result.subStatusCode = error.substatus;
  if (error.retryAfterMs !== undefined) result.retryAfterMilliseconds = error.retryAfterMs;
  return result;
}

function parseOperation(entry: Json, request: BatchRequest): ItemOperation {
  if (!isObject(entry)) throw badRequest('An operation of a batch is an object.');
  const type = TYPES[String(entry.operationType)];
  if (type === undefined) throw badRequest(`Unknown operation type ${JSON.stringify(entry.operationType)} in a batch.`);
  const own = typeof entry.partitionKey === 'string' ? keyOfHeader(entry.partitionKey) : undefined;
  if (request.atomic && own !== undefined && own !== request.partitionKey) {
    throw badRequest('All operations of a transactional batch must have the same partition key.');
  }
  const partitionKey = own ?? request.partitionKey;
  if (partitionKey === undefined) throw badRequest('An operation of a batch has no partition key.');
  const named = type !== 'create' && type !== 'upsert';
  if (named && typeof entry.id !== 'string')
    throw badRequest(`The operation ${entry.operationType} in a batch needs an id.`);
  return {
    type,
    id: named ? String(entry.id) : undefined,
    partitionKey,
    body: entry.resourceBody,
    ifMatch: typeof entry.ifMatch === 'string' ? entry.ifMatch : undefined,
    ifNoneMatch: typeof entry.ifNoneMatch === 'string' ? entry.ifNoneMatch : undefined,
  };
}
