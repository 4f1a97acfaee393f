import { InvalidParameter } from './errors.ts';

/** Values of a list parameter: comma separated, repeated, or both. Undefined when it was not sent. */
export function listParameter(
  query: URLSearchParams,
  name: string,
  maxItems = Number.MAX_SAFE_INTEGER,
): string[] | undefined {
  const sent = query.getAll(name);
  if (sent.length === 0) return undefined;
  const values = sent
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter(Boolean);
  if (values.length > maxItems)
    throw new InvalidParameter(name, `${values.length} values`, `a list of at most ${maxItems}`);
  return values;
}

export function idsParameter(
  query: URLSearchParams,
  name: string,
  maxItems = Number.MAX_SAFE_INTEGER,
): number[] | undefined {
  return listParameter(query, name, maxItems)?.map((value) => toId(name, value));
}

export function oneOf<Value extends string>(name: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new InvalidParameter(name, value, `one of ${allowed.join(', ')}`);
  return found;
}

export function choice<Value extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const value = query.get(name);
  return value === null ? undefined : oneOf(name, value, allowed);
}

export function choices<Value extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly Value[],
): Value[] | undefined {
  return listParameter(query, name)?.map((value) => oneOf(name, value, allowed));
}

export function flag(query: URLSearchParams, name: string, otherwise = false): boolean {
  const value = query.get(name);
  return value === null ? otherwise : value === 'true';
}

/** A numeric id from a path or query. Ids beyond what JavaScript counts exactly do not exist here. */
export function toId(name: string, value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidParameter(name, value, 'long');
  return Number(value);
}

export function intParameter(query: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || number < min || number > max) {
    throw new InvalidParameter(name, value, `an integer from ${min} to ${max}`);
  }
  return number;
}
