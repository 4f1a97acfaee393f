/** One function's route, prefix included. */
export interface Route {
  /** As written: `api/tenants/{tenantId}/runs`. */
  readonly template: string;
  readonly segments: readonly Segment[];
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter' | 'optional' | 'rest'; readonly name: string };

// ASP.NET's order of precedence: a literal segment before a parameter before a catch-all.
const WEIGHT = { literal: 0, parameter: 1, optional: 1, rest: 2 } as const;
const PARAMETER = /^\{(\*{0,2})([A-Za-z_][A-Za-z0-9_]*)(\??)\}$/;

/**
 * Parses a route template of an HTTP trigger: literals, `{id}`, `{id?}` and `{*rest}` at the end.
 *
 * @throws an Error that names the part that is not supported: constraints, defaults, text around a parameter
 */
export function parseRoute(route: string, prefix: string): Route {
  if (route.startsWith('/') || route.startsWith('~'))
    throw new Error(`route "${route}" must not start with "${route[0]}"`);
  const template = prefix ? `${prefix}/${route}` : route;
  if (/^(admin|runtime)(\/|$)/i.test(template)) throw new Error(`route "${template}" is reserved for the host`);
  const parts = template.replace(/\/$/, '').split('/');
  const names = new Set<string>();
  const segments = parts.map((part, index): Segment => {
    const segment = parseSegment(part, route);
    if (segment.kind === 'literal') return segment;
    if (names.has(segment.name.toLowerCase())) throw new Error(`route "${route}" names {${segment.name}} twice`);
    names.add(segment.name.toLowerCase());
    if (segment.kind !== 'parameter' && index < parts.length - 1) {
      throw new Error(`route "${route}": ${part} is only allowed at the end`);
    }
    return segment;
  });
  return { template, segments };
}

function parseSegment(part: string, route: string): Segment {
  if (part === '') throw new Error(`route "${route}" has an empty segment`);
  if (!/[{}]/.test(part)) return { kind: 'literal', text: part.toLowerCase() };
  const match = PARAMETER.exec(part);
  if (!match) {
    throw new Error(
      `route "${route}": "${part}" is not supported by the local functions host, only {name}, {name?} and {*name} are`,
    );
  }
  const [, stars, name = '', optional] = match;
  if (stars) return { kind: 'rest', name };
  return { kind: optional ? 'optional' : 'parameter', name };
}

/** Sorts the most specific route first. */
export function byPrecedence(a: Route, b: Route): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index++) {
    const left = a.segments[index];
    const right = b.segments[index];
    const difference = (left ? WEIGHT[left.kind] : -1) - (right ? WEIGHT[right.kind] : -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Matches a raw (still percent-encoded) path, so that `%2F` stays inside its segment. Literals ignore case and one
 * slash at the end is allowed, as in ASP.NET.
 *
 * @returns the parameters, decoded by `decodeSegment`; undefined when the route does not match
 */
export function matchRoute(route: Route, parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  const { segments } = route;
  const last = segments.at(-1);
  const hasRest = last?.kind === 'rest';
  if (parts.length > segments.length && !hasRest) return undefined;
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (segment.kind === 'rest') {
      const rest = parts.slice(index).map(decodeSegment).join('/');
      if (rest !== '') params[segment.name] = rest;
    } else if (part === undefined || part === '') {
      if (segment.kind !== 'optional' || part === '') return undefined;
    } else if (segment.kind === 'literal') {
      if (decodeSegment(part).toLowerCase() !== segment.text) return undefined;
    } else {
      params[segment.name] = decodeSegment(part);
    }
  }
  return params;
}

/** The segments of a raw path without the slash in front and one at the end. */
export function splitPath(rawPath: string): string[] {
  return rawPath.replace(/^\//, '').replace(/\/$/, '').split('/');
}

/**
 * Percent-decodes like Kestrel, the web server of the real host: `%2F` stays as it is written, and so does what is not
 * UTF-8. A handler therefore sees that an id contained a slash.
 */
export function decodeSegment(text: string): string {
  if (!text.includes('%')) return text;
  return text
    .split(/(%2f)/i)
    .map((piece, index) => (index % 2 === 1 ? piece : decodeOrKeep(piece)))
    .join('');
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether some path matches both. The real host then takes the one it indexed first, whatever is more specific. */
export function overlap(a: Route, b: Route): boolean {
  for (let index = 0; ; index++) {
    const left = a.segments[index];
    const right = b.segments[index];
    if (left?.kind === 'rest' || right?.kind === 'rest') return true;
    if (!left || !right) return (left ?? right)?.kind !== 'literal' && (left ?? right)?.kind !== 'parameter';
    if (left.kind === 'literal' && right.kind === 'literal' && left.text !== right.text) return false;
  }
}
