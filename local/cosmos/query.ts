import { queryCharge } from './charge.ts';
import type { Container } from './containers.ts';
import { badRequest, CosmosError } from './errors.ts';
import { fullTextSource } from './full-text.ts';
import { checkOrder, neededIndex } from './indexes.ts';
import { isObject, type Json } from './json.ts';
import { type Page, parseContinuation, readPage } from './page.ts';
import { queryPlan } from './query-plan.ts';
import { conjuncts, hasAggregate, type Query, selected } from './sql/ast.ts';
import { condition } from './sql/expression.ts';
import { parse } from './sql/parser.ts';
import { type QueryTarget, Scope } from './sql/scope.ts';
import { pinnedPartitionKey, select } from './sql/select.ts';
import type { Store } from './store.ts';

export interface QuerySpec {
  text: string;
  parameters: ReadonlyMap<string, Json>;
}

export interface QueryRequest {
  spec: QuerySpec;
  /** As stored; undefined for a query over all partitions. */
  partitionKey: string | undefined;
  /** The client names the physical partition: it executes a query plan and merges the answers itself. */
  physicalPartition: boolean;
  continuation: string | undefined;
  maxItems: number;
}

/** Reads `{query, parameters: [{name, value}]}`. Throws 400. */
export function parseSpec(body: Json | undefined): QuerySpec {
  if (!isObject(body) || typeof body.query !== 'string') throw badRequest('A query request needs a query text.');
  const parameters = new Map<string, Json>();
  for (const entry of Array.isArray(body.parameters) ? body.parameters : []) {
    if (isObject(entry) && typeof entry.name === 'string') {
      // The client's serializer drops an undefined value, which the service then treats as undefined too.
      if (entry.value !== undefined) parameters.set(entry.name, entry.value);
    }
  }
  return { text: body.query, parameters };
}

export function targetOf(store: Store, container: Container): QueryTarget {
  return {
    table: container.table,
    partitionKeyPath: container.partitionKeyPath,
    documentCount: () => container.documentCount,
    fullText: (path) => fullTextSource(store, container, path),
  };
}

/** Runs one page of a query. */
export function runQuery(store: Store, container: Container, request: QueryRequest): Page & { charge: number } {
  const query = parse(request.spec.text);
  requirePlan(query, request, container);
  checkOrder(container, query);
  const { parameters } = request.spec;
  const index = neededIndex(container, query, request.partitionKey !== undefined, parameters);
  if (index !== undefined) {
    store.exec(index.sql);
    container.indexes.add(index.name);
  }
  const from = request.continuation === undefined ? undefined : parseContinuation(request.continuation);
  const selection = select(query, targetOf(store, container), {
    parameters,
    partitionKey: request.partitionKey,
    expiresAfter: container.defaultTtl === undefined ? undefined : store.nowSeconds(),
    after: from?.after,
  });
  const page = readPage(selection, from, request.maxItems, (sql, bindings) => store.all(sql, bindings));
  return { ...page, charge: queryCharge(page.results) };
}

/**
 * The gateway answers itself what needs no merging over partitions, and every query inside one partition; all else the client must
 * execute by a query plan, which it asks for on this error. One physical partition could serve it, but then code would work
 * here that fails in Azure (continuation tokens of a cross-partition ORDER BY, for one).
 */
function requirePlan(
  query: Query,
  { spec, partitionKey, physicalPartition }: QueryRequest,
  container: Container,
): void {
  if (physicalPartition) return;
  if (query.rank !== undefined) {
    const { alias } = query.from;
    const pins = conjuncts(query.where).map((part) =>
      pinnedPartitionKey(part, alias, container.partitionKeyPath, spec.parameters),
    );
    if (partitionKey !== undefined && !pins.includes(partitionKey)) {
      throw badRequest(
        'ORDER BY RANK with a partition key: the client executes it without the key, over all partitions. Compare the ' +
          'partition key property with the same value in WHERE.',
      );
    }
  } else {
    const merged =
      query.orderBy.length > 0 ||
      query.groupBy.length > 0 ||
      query.distinct ||
      query.top !== undefined ||
      query.offset !== undefined ||
      selected(query.select).some(hasAggregate);
    if (partitionKey !== undefined || !merged) return;
  }
  throw new CosmosError(
    400,
    'The provided cross partition query can not be directly served by the gateway. This is a first chance (internal) ' +
      'exception that all newer clients will know how to handle gracefully.',
    { substatus: 1004, additionalErrorInfo: JSON.stringify(queryPlan(query, spec.parameters)) },
  );
}

/** Whether an item satisfies the condition of a conditional patch, `from c where …`. */
export function patchCondition(store: Store, container: Container, text: string, rid: number): boolean {
  const query = parse(/^\s*select\b/i.test(text) ? text : `SELECT * ${text}`);
  const scope = Scope.of(targetOf(store, container), new Map(), query.from.alias);
  if (query.where === undefined) throw badRequest("The condition of a patch must be 'from c where …'.");
  const where = condition(query.where, scope, false);
  const sql = `SELECT 1 FROM ${container.table} AS d WHERE d.rid = $rid AND ${where}`;
  return store.get(sql, { ...scope.bindings, rid }) !== undefined;
}
