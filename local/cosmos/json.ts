export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equality as Cosmos DB sees it: the order of an object's properties does not matter. */
export function equal(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, i) => equal(item, right[i]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name]))
  );
}

/** True if `part` is `whole` or an object whose properties all are in `whole`, at any depth. */
export function contains(whole: Json | undefined, part: Json | undefined): boolean {
  if (!isObject(whole) || !isObject(part)) return equal(whole, part);
  return Object.keys(part).every((name) => Object.hasOwn(whole, name) && contains(whole[name], part[name]));
}
