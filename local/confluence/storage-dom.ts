import { type AnyNode, type Element, isTag, isText, type ParentNode } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { decodeEntity } from './entities.ts';
import { escapeHtml } from './http/html.ts';

export type { AnyNode, Element, ParentNode };
export { isTag, isText };

/** A storage body as a tree. CDATA sections arrive as nodes with text children; entities are decoded. */
export function parseStorage(storage: string): ParentNode {
  return parseDocument(withNamedEntities(storage), { xmlMode: true, decodeEntities: true });
}

/** XML knows five named entities, storage format uses HTML's; inside CDATA nothing is an entity. */
function withNamedEntities(storage: string): string {
  return storage.replace(
    /<!\[CDATA\[.*?\]\]>|&(?:amp|lt|gt|quot|apos);|(&[a-z][a-z0-9]*;)/gis,
    (whole, entity: string | undefined) => (entity === undefined ? whole : escapeHtml(decodeEntity(entity))),
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
