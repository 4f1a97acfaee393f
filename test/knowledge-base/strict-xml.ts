/** The named entities that Confluence writes here besides XML's own five. */
const NAMED: Readonly<Record<string, string>> = {
  ...{ nbsp: '\u00a0', rsquo: '’', lsquo: '‘', ldquo: '“', rdquo: '”', ndash: '–', mdash: '—', hellip: '…' },
  ...{ rarr: '→', times: '×', middot: '·', euro: '€', pound: '£', deg: '°', ge: '≥', le: '≤', plusmn: '±' },
  ...{ aacute: 'á', eacute: 'é', Eacute: 'É', iacute: 'í', oacute: 'ó', ntilde: 'ñ', auml: 'ä', ouml: 'ö', uuml: 'ü' },
};
const XML_OWN = new Set(['amp', 'lt', 'gt', 'quot', 'apos']);

/** Replaces HTML's named entities outside CDATA, which an XML parser does not know. */
export function decodeNamedEntities(body: string): string {
  return body.replace(/<!\[CDATA\[.*?\]\]>|&([a-zA-Z]+);/gs, (whole, name: string | undefined) =>
    name === undefined ? whole : (NAMED[name] ?? whole),
  );
}

const NAME = String.raw`[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?`;
const TOKEN = new RegExp(
  String.raw`<!\[CDATA\[[\s\S]*?\]\]>|<!--(?:(?!--)[\s\S])*-->|<(\/?)(${NAME})((?:\s+${NAME}="[^"<]*")*)\s*(\/?)>|[^<]+`,
  'y',
);
const PREFIXES = new Set(['ac', 'ri']);

/**
 * The first reason why a body would not parse as XML under a root that declares `ac:` and `ri:`; `undefined` when it would.
 * htmlparser2 repairs what it is given, so it cannot tell.
 */
export function xmlFault(body: string): string | undefined {
  const open: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(body);
    if (!match) return `cannot be read from: ${body.slice(at, at + 60)}`;
    const [token, closing, name, attributes = '', empty] = match;
    const fault = name === undefined ? textFault(token) : tagFault(name, attributes);
    if (fault) return fault;
    if (name === undefined || empty) continue;
    if (!closing) open.push(name);
    else if (open.pop() !== name) return `</${name}> closes nothing, before: ${body.slice(at, at + 60)}`;
  }
  return open.length > 0 ? `<${open.at(-1)}> is never closed` : undefined;
}

function textFault(token: string): string | undefined {
  if (token.startsWith('<')) return undefined;
  if (token.includes(']]>')) return ']]> stands outside CDATA';
  return entityFault(token);
}

function tagFault(name: string, attributes: string): string | undefined {
  const names = [...attributes.matchAll(/([\w.:-]+)="/g)].map((match) => match[1] ?? '');
  const repeated = names.find((attribute, position) => names.indexOf(attribute) !== position);
  if (repeated) return `<${name}> repeats ${repeated}`;
  const unbound = [name, ...names].find((part) => part.includes(':') && !PREFIXES.has(part.split(':')[0] ?? ''));
  return unbound ? `${unbound} has an unknown prefix` : entityFault(attributes);
}

function entityFault(text: string): string | undefined {
  for (const [found, name] of text.matchAll(/&(?:([a-zA-Z]+);|#\d+;|#x[0-9a-fA-F]+;)?/g)) {
    if (found === '&') return `bare & in: ${text.slice(0, 60)}`;
    if (name !== undefined && !XML_OWN.has(name) && !(name in NAMED)) return `unknown entity ${found}`;
  }
  return undefined;
}
