import { type Container, isIndexed, steps } from './containers.ts';
import { badRequest } from './errors.ts';
import type { Json } from './json.ts';
import { conjuncts, type Expression, type Query } from './sql/ast.ts';
import { pinnedPartitionKey } from './sql/select.ts';
import { inDocument, pathLiteral } from './sql/value.ts';

/** An index on properties; each gives two columns, the value's rank and the value. */
export interface IndexPlan {
  name: string;
  sql: string;
}

/** Below this a scan is as quick as an index. */
const SMALLEST_INDEXED = 500;
/** Every index makes every write dearer. */
const MOST_INDEXES = 24;

/** The indexes that the policy's composite indexes ask for: inside a partition and across all of them. */
export function policyIndexes(container: Container): IndexPlan[] {
  return container.composites.flatMap((composite) => {
    const properties = composite
      .map(([path, descending]) => ({ steps: steps(path), descending }))
      .filter((column) => column.steps.join('/') !== container.partitionKeyPath.join('/'));
    // An index is read in both directions, so all-descending is the same index as all-ascending.
    const turned = properties.every((property) => property.descending);
    const columns = turned ? properties.map((property) => ({ ...property, descending: false })) : properties;
    return columns.length === 0 ? [] : [plan(container, true, columns), plan(container, false, columns)];
  });
}

/**
 * The service indexes every path of an item. SQLite needs an index per query shape, so one is made when a query on a larger
 * container first needs it: partition key if it is known, the properties compared by equality, then the property of the order or
 * range. Undefined if the query has nothing to index, or the policy excludes it, or there are too many indexes.
 */
export function neededIndex(
  container: Container,
  query: Query,
  inPartition: boolean,
  parameters: ReadonlyMap<string, Json>,
): IndexPlan | undefined {
  if (container.documentCount < SMALLEST_INDEXED || container.indexes.size >= MOST_INDEXES) return undefined;
  const { alias } = query.from;
  const equal: string[][] = [];
  const ranges: string[][] = [];
  let pinned = inPartition;
  for (const part of conjuncts(query.where)) {
    if (pinnedPartitionKey(part, alias, container.partitionKeyPath, parameters) !== undefined) {
      pinned = true;
      continue;
    }
    const found = comparedProperty(part, alias);
    if (found === undefined || !isIndexed(container, found.property)) continue;
    (found.equality ? equal : ranges).push(found.property);
  }
  const ordered = query.orderBy.map(({ value, descending }) => ({ steps: propertyOf(value, alias) ?? [], descending }));
  const last =
    ordered.length > 0 ? ordered : ranges.slice(0, 1).map((property) => ({ steps: property, descending: false }));
  const columns = [
    ...unique(equal).map((property) => ({ steps: property, descending: false })),
    ...last.filter(({ steps: property }) => property.length > 0 && !equal.some((other) => same(other, property))),
  ];
  if (columns.length === 0) return undefined;
  const turned = columns.every((column, i) => column.descending || i < equal.length);
  const needed = plan(
    container,
    pinned,
    turned ? columns.map((column) => ({ ...column, descending: false })) : columns,
  );
  return container.indexes.has(needed.name) ? undefined : needed;
}

/** As the service: only properties can be ordered by; several need a composite index, one an indexed path. Throws 400. */
export function checkOrder(container: Container, query: Query): void {
  for (const { value } of query.orderBy) {
    const isProperty = value.kind === 'path' && value.root === query.from.alias && value.steps.length > 0;
    if (isProperty || (value.kind === 'call' && value.name === '_FullTextScore')) continue;
    throw badRequest(
      `Unsupported ORDER BY clause at offset ${value.at}: the expression could not be mapped to a property of the item.`,
    );
  }
  const order = query.orderBy.map(({ value, descending }) => ({
    property: propertyOf(value, query.from.alias),
    descending,
  }));
  if (order.some(({ property }) => property === undefined)) return;
  const [single] = order;
  if (order.length === 1 && single?.property !== undefined && !isIndexed(container, single.property)) {
    throw badRequest('The index path corresponding to the specified order-by item is excluded.');
  }
  if (order.length < 2) return;
  const served = container.composites.some(
    (columns) =>
      columns.length === order.length &&
      columns.every(([path], index) => same(steps(path), order[index]?.property ?? [])) &&
      new Set(columns.map(([, descending], index) => descending === order[index]?.descending)).size === 1,
  );
  if (!served) {
    throw badRequest('The order by query does not have a corresponding composite index that it can be served from.');
  }
}

function plan(
  container: Container,
  inPartition: boolean,
  properties: { steps: string[]; descending: boolean }[],
): IndexPlan {
  const { table } = container;
  const columns = properties.flatMap(({ steps: property, descending }) => {
    const { rank, value } = inDocument('doc', pathLiteral(property));
    return [rank, value].map((sql) => (descending ? `${sql} DESC` : sql));
  });
  const label = properties.map(({ steps: property, descending }) => `${property.join('.')}${descending ? '-' : ''}`);
  const name = `${table}_${inPartition ? 'pk,' : ''}${label.join(',')}`.replaceAll('"', '');
  const on = [...(inPartition ? ['pk'] : []), ...columns].join(', ');
  return { name, sql: `CREATE INDEX IF NOT EXISTS "${name}" ON ${table} (${on})` };
}

function comparedProperty(part: Expression, alias: string): { property: string[]; equality: boolean } | undefined {
  if (part.kind === 'between' || part.kind === 'in') {
    const property = propertyOf(part.value, alias);
    return property && { property, equality: part.kind === 'in' };
  }
  if (part.kind === 'call') {
    const [first, second] = part.parameters;
    const subject = part.name === 'STARTSWITH' ? first : part.name === 'ARRAY_CONTAINS' ? second : undefined;
    const property = subject && propertyOf(subject, alias);
    return property && { property, equality: part.name === 'ARRAY_CONTAINS' };
  }
  if (part.kind !== 'binary' || !['=', '<', '<=', '>', '>='].includes(part.operator)) return undefined;
  const isKnown = (side: Expression) => side.kind === 'constant' || side.kind === 'parameter';
  const side = isKnown(part.right) ? part.left : isKnown(part.left) ? part.right : undefined;
  const property = side && propertyOf(side, alias);
  return property && { property, equality: part.operator === '=' };
}

function propertyOf(expression: Expression, alias: string): string[] | undefined {
  if (expression.kind !== 'path' || expression.root !== alias) return undefined;
  const names = expression.steps.filter((step) => typeof step === 'string');
  return names.length === expression.steps.length && names.length > 0 ? names : undefined;
}

const same = (a: string[], b: string[]) => a.length === b.length && a.every((step, index) => step === b[index]);
const unique = (properties: string[][]) =>
  [...new Map(properties.map((property) => [property.join('/'), property])).values()].sort((a, b) =>
    a.join('/') < b.join('/') ? -1 : 1,
  );
