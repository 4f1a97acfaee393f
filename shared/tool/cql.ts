import { invalidArguments } from '../platform/http-function.ts';

/** What a person can narrow a search by without writing CQL. Dates are `YYYY-MM-DD`. */
export interface SearchFilters {
  readonly type?: 'page' | 'blogpost' | 'attachment' | undefined;
  readonly spaceKey?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly modifiedAfter?: string | undefined;
  readonly modifiedBefore?: string | undefined;
}

export interface CqlParts {
  /** The condition, without its order. */
  readonly condition: string;
  /** `order by …`, or empty. */
  readonly order: string;
}

/** A CQL string literal: backslashes and quotes escaped, so that text of a user stays text. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * Plain words as CQL: in the title, which ranks higher, or in the text. What Confluence's text search reads as its own
 * syntax (wildcards, fuzziness, brackets, AND, OR, NOT) is taken out or lower-cased, so that words are only words.
 */
export function wordsToCql(words: string): string {
  const plain = words
    .replace(/["\\+!(){}[\]^~*?:/|&<>=\p{Cc}]/gu, ' ')
    .replace(/(^|\s)-+/g, ' ')
    .replace(/\b(?:AND|OR|NOT|TO)\b/g, (operator) => operator.toLowerCase())
    .replace(/\s+/g, ' ')
    .trim();
  if (plain === '') throw invalidArguments([{ field: 'query', problem: 'has no words to search for' }]);
  return `(title ~ ${quote(plain)} OR text ~ ${quote(plain)})`;
}

/** A tenant may exclude hundreds of spaces; a clause that would make the URL too long is left to the check of the hits. */
const EXCLUSION_MAX_CHARS = 2_000;

/**
 * Puts a fence around a condition: the filters, the three kinds of content that a search gives, and no excluded space.
 * The condition was split by {@link splitCql}, so no bracket of its own can close ours. Hits are checked once more when
 * they come; the exclusion here spares the agent pages of nothing.
 */
export function fenceCql(
  { condition, order }: CqlParts,
  filters: SearchFilters,
  excludedKeys: readonly string[],
): string {
  const exclusion = `space not in (${excludedKeys.map(quote).join(', ')})`;
  const clauses = [
    `(${condition})`,
    filters.type ? `type = ${filters.type}` : 'type in (page, blogpost, attachment)',
    ...(filters.spaceKey ? [`space = ${quote(filters.spaceKey)}`] : []),
    ...(filters.labels ?? []).map((label) => `label = ${quote(label)}`),
    ...(filters.modifiedAfter ? [`lastmodified >= ${quote(filters.modifiedAfter)}`] : []),
    ...(filters.modifiedBefore ? [`lastmodified < ${quote(filters.modifiedBefore)}`] : []),
    ...(excludedKeys.length > 0 && exclusion.length <= EXCLUSION_MAX_CHARS ? [exclusion] : []),
  ];
  return `${clauses.join(' AND ')}${order === '' ? '' : ` ${order}`}`;
}

/**
 * Splits CQL into its condition and its `order by`, and checks that brackets and quotes pair up. Throws 400
 * `invalid_arguments` otherwise: such CQL could reach out of a fence put around it.
 */
export function splitCql(written: string): CqlParts {
  const cql = written.replace(/[\t\r\n]+/g, ' ');
  if (/\p{Cc}/u.test(cql)) throw unreadable('has control characters');
  let depth = 0;
  let orderAt = -1;
  for (let at = 0; at < cql.length; at++) {
    const character = cql[at];
    if (character === '"' || character === "'") at = endOfString(cql, at);
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0 && orderAt < 0 && /^order\s+by\b/i.test(cql.slice(at)) && !/\w/.test(cql[at - 1] ?? '')) {
      orderAt = at;
    }
    if (depth < 0) throw unreadable('closes a bracket that it did not open');
  }
  if (depth > 0) throw unreadable('leaves a bracket open');
  const condition = (orderAt < 0 ? cql : cql.slice(0, orderAt)).trim();
  const order = orderAt < 0 ? '' : cql.slice(orderAt).trim();
  if (condition === '') throw unreadable('has no condition: for example type = page AND text ~ "vpn"');
  if (/[()]/.test(order)) throw unreadable('has brackets after order by');
  return { condition, order };
}

function endOfString(cql: string, start: number): number {
  for (let at = start + 1; at < cql.length; at++) {
    if (cql[at] === '\\') at++;
    else if (cql[at] === cql[start]) return at;
  }
  throw unreadable('leaves a quoted text open');
}

function unreadable(problem: string) {
  return invalidArguments([{ field: 'cql', problem }]);
}
