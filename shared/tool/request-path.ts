import { notAllowed } from './problems.ts';

export type RequestValue = string | number | boolean | readonly (string | number)[];

/** A request as it will be sent: nothing in it is encoded, relative or said twice. */
export interface ReadRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** What a path may not hold, in the order in which it is looked for, and how the refusal names it. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/[\p{Cc}\s]/u, 'control characters and white space'],
  [/^[a-z][a-z\d+.-]*:|^\/\//i, 'absolute URLs: give the path from /wiki on, the site is fixed'],
  [/^\/?ex\//i, 'a cloud id: give the path from /wiki on, the site is fixed'],
  [/%/, 'percent-encoded characters: no listed path has any'],
  [/\\/, 'backslashes'],
  [/(^|\/)\.{1,2}(\/|$)/, 'dot segments'],
  [/\/\//, 'empty segments'],
  [/[#;@]/, 'the characters # ; @'],
];

/**
 * Reads what `confluence_request` was given. A query pasted behind the path is taken as part of `query`. Throws 403
 * `not_allowed` naming what is wrong; whether the path is on the list is checked when it is sent.
 */
export function readRequest(
  method: string,
  pathAndQuery: string,
  given: Readonly<Record<string, RequestValue>>,
): ReadRequest {
  if (method !== 'GET') {
    throw notAllowed(`${method.replace(/[^A-Za-z-]/g, '?').slice(0, 20)} is refused: this tool only reads, with GET.`);
  }
  const [path = '', ...behind] = pathAndQuery.split('?');
  for (const [pattern, name] of REFUSED) {
    if (pattern.test(path)) throw notAllowed(`The path is refused because of ${name}.`);
  }
  if (behind.length > 1) throw notAllowed('The path is refused because of a second question mark.');
  // A map, because a name such as __proto__ would get lost in an object and not be refused.
  const query = new Map<string, string>();
  const add = (name: string, value: string) => {
    if (query.has(name)) throw notAllowed(`The query parameter ${JSON.stringify(name)} is given twice.`);
    if (/\p{Cc}/u.test(name + value)) throw notAllowed('The query is refused because of control characters.');
    query.set(name, value);
  };
  for (const [name, value] of new URLSearchParams(behind[0] ?? '')) add(name, value);
  for (const [name, value] of Object.entries(given)) add(name, Array.isArray(value) ? value.join(',') : String(value));
  return { path, query: Object.fromEntries(query) };
}
