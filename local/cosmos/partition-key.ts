import type { Container } from './containers.ts';
import { badRequest, CosmosError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** How a missing partition key is stored; the client sends `[{}]` for it. */
const NONE = '{}';

/** The partition key of a request header such as `["tenant"]`, as stored: its JSON text. Undefined without a header. */
export function keyOfHeader(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  let value: Json;
  try {
    value = JSON.parse(header) as Json;
  } catch {
    throw badRequest('The partition key header is not JSON.');
  }
  if (Array.isArray(value)) {
    if (value.length > 1) throw badRequest('Partition key provided has more components than the container defines.');
    value = value[0] ?? (value.length === 0 ? {} : null);
  }
  if (isObject(value) && Object.keys(value).length === 0) return NONE;
  if (typeof value === 'object' && value !== null)
    throw badRequest('A partition key is a string, number, boolean or null.');
  return JSON.stringify(value);
}

/** The partition key inside an item, as stored. */
export function keyOfItem(container: Container, item: JsonObject): string {
  let value: Json | undefined = item;
  for (const step of container.partitionKeyPath) value = isObject(value) ? value[step] : undefined;
  if (value === undefined) return NONE;
  if (typeof value === 'object' && value !== null) {
    throw badRequest('Partition key of an item must be a string, number, boolean or null.');
  }
  return JSON.stringify(value);
}

/** The service's 400 with sub-status 1001. */
export const keyMismatch = () =>
  new CosmosError(400, "PartitionKey extracted from document doesn't match the one specified in the header.", {
    substatus: 1001,
  });
