import { badRequest, unsupported } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

interface PatchOperation {
  op: 'add' | 'set' | 'replace' | 'remove' | 'incr';
  path: string;
  value: Json | undefined;
}

const MOST_OPERATIONS = 10;
const SYSTEM_OR_ID = /^\/(id|_rid|_self|_etag|_ts|_attachments)$/;

/** Reads a patch body: a list of operations, or `{operations, condition}`. Throws 400. */
export function parsePatch(body: Json | undefined): { operations: PatchOperation[]; condition: string | undefined } {
  const list = Array.isArray(body) ? body : isObject(body) ? body.operations : undefined;
  const condition = isObject(body) ? body.condition : undefined;
  if (!Array.isArray(list) || list.length === 0) throw badRequest('A patch needs at least one operation.');
  if (list.length > MOST_OPERATIONS) {
    throw badRequest(`The number of patch operations can't exceed '${MOST_OPERATIONS}'.`);
  }
  if (condition !== undefined && condition !== null && typeof condition !== 'string') {
    throw badRequest('The condition of a patch is a string.');
  }
  return { operations: list.map(parseOperation), condition: condition ?? undefined };
}

function parseOperation(entry: Json): PatchOperation {
  const { op, path, value } = isObject(entry) ? entry : {};
  if (op === 'move' || op === 'copy' || op === 'test') throw unsupported(`The patch operation '${op}'`);
  if (op !== 'add' && op !== 'set' && op !== 'replace' && op !== 'remove' && op !== 'incr') {
    throw badRequest(`Unknown patch operation ${JSON.stringify(op)}.`);
  }
  if (typeof path !== 'string' || !path.startsWith('/') || path === '/') {
    throw badRequest(`The path of a patch operation must begin with '/': ${JSON.stringify(path)}.`);
  }
  if (SYSTEM_OR_ID.test(path)) throw badRequest(`A patch cannot change '${path}'.`);
  if (op !== 'remove' && value === undefined) throw badRequest(`The patch operation '${op}' on ${path} needs a value.`);
  if (op === 'incr' && typeof value !== 'number') throw badRequest(`The value of 'incr' on ${path} must be a number.`);
  return { op, path, value };
}

/**
 * Applies the operations one after the other to a copy of the document; if one cannot be applied nothing is changed (400).
 * `set` replaces an array's element where `add` inserts before it; `replace` and `remove` want the target to exist; `incr` creates
 * a missing property; a missing parent is an error for all of them.
 */
export function applyPatch(document: JsonObject, operations: PatchOperation[]): JsonObject {
  const copy = structuredClone(document);
  for (const operation of operations) apply(copy, operation);
  return copy;
}

function apply(document: JsonObject, operation: PatchOperation): void {
  // RFC 6901: ~1 is '/', ~0 is '~', in this order.
  const names = operation.path
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = names.pop() ?? '';
  let parent: Json | undefined = document;
  for (const name of names) parent = child(parent, name);
  if (Array.isArray(parent)) applyToArray(parent, last, operation);
  else if (isObject(parent)) applyToObject(parent, last, operation);
  else throw failed(operation, 'the parent does not exist');
}

function applyToObject(parent: JsonObject, last: string, operation: PatchOperation): void {
  const exists = Object.hasOwn(parent, last);
  if (operation.op === 'remove' || operation.op === 'replace') {
    if (!exists) throw failed(operation, 'the property does not exist');
  }
  if (operation.op === 'remove') delete parent[last];
  else define(parent, last, operation.op === 'incr' ? sum(operation, exists ? parent[last] : 0) : operation.value);
}

function applyToArray(list: Json[], name: string, operation: PatchOperation): void {
  const { op, value = null } = operation;
  if (name === '-') {
    if (op !== 'add' && op !== 'set') throw failed(operation, "'-' is past the last element");
    list.push(value);
    return;
  }
  const index = /^(0|[1-9]\d*)$/.test(name) ? Number(name) : Number.NaN;
  const end = op === 'add' || op === 'set' ? list.length : list.length - 1;
  if (!(index <= end)) throw failed(operation, 'the array has no such index');
  if (op === 'remove') list.splice(index, 1);
  else if (op === 'add') list.splice(index, 0, value);
  else list[index] = op === 'incr' ? sum(operation, list[index]) : value;
}

function sum(operation: PatchOperation, current: Json | undefined): number {
  if (typeof current !== 'number' || typeof operation.value !== 'number') throw failed(operation, 'it is not a number');
  return current + operation.value;
}

function child(parent: Json | undefined, name: string): Json | undefined {
  if (Array.isArray(parent)) return /^\d+$/.test(name) ? parent[Number(name)] : undefined;
  return isObject(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined;
}

/** Not an assignment: a property named `__proto__` must become a property. */
function define(target: JsonObject, name: string, value: Json | undefined): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

const failed = (operation: PatchOperation, why: string) =>
  badRequest(`For operation '${operation.op}' on path '${operation.path}': ${why}.`);
