import { type AnyNode, type Element, isTag, isText, type ParentNode } from 'domhandler';
import { parseDocument } from 'htmlparser2';

export type { AnyNode, Element, ParentNode };
export { isTag, isText };

/** A storage body as a tree. CDATA sections arrive as nodes with text children; entities are decoded. */
export function parseStorage(storage: string): ParentNode {
  return parseDocument(withNamedEntities(storage), { xmlMode: true, decodeEntities: true });
}

const NAMED: Readonly<Record<string, string>> = {
  nbsp: ' ',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  rarr: '→',
  larr: '←',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  deg: '°',
  times: '×',
  copy: '©',
  reg: '®',
  trade: '™',
  euro: '€',
  bull: '•',
  middot: '·',
};

/** XML knows five named entities, storage format uses HTML's; inside CDATA nothing is an entity. */
function withNamedEntities(storage: string): string {
  return storage.replace(/<!\[CDATA\[.*?\]\]>|&([a-zA-Z]+);/gs, (whole, name: string | undefined) =>
    name === undefined ? whole : (NAMED[name] ?? whole),
  );
}

/** All text below a node, CDATA included. */
export function textOf(node: ParentNode): string {
  return node.children.map((child) => (isText(child) ? child.data : 'children' in child ? textOf(child) : '')).join('');
}

export function childElements(node: ParentNode): Element[] {
  return node.children.filter(isTag);
}

export function firstChild(node: ParentNode, name: string): Element | undefined {
  return childElements(node).find((child) => child.name === name);
}

/** The value of a macro's `ac:parameter`. */
export function parameterOf(macro: Element, name: string): string | undefined {
  const parameter = childElements(macro).find(
    (child) => child.name === 'ac:parameter' && child.attribs['ac:name'] === name,
  );
  return parameter && textOf(parameter);
}
