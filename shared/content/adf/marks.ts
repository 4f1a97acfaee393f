import { element, type TreeNode } from '../tree.ts';
import { type AdfMark, type AdfNode, attr } from './read.ts';

const ELEMENTS = new Map([
  ['strong', 'strong'],
  ['em', 'em'],
  ['strike', 's'],
  ['code', 'code'],
  ['underline', 'u'],
]);

/** Wraps what a node gave into the elements of its marks; colours, alignment and comments mean nothing in text. */
export function applyMarks(node: AdfNode, nodes: TreeNode[]): TreeNode[] {
  return node.marks.reduce((inner, mark) => applyMark(mark, inner), nodes);
}

function applyMark(mark: AdfMark, nodes: TreeNode[]): TreeNode[] {
  if (mark.type === 'link') return [element('a', { href: attr(mark, 'href') }, nodes)];
  if (mark.type === 'subsup') return [element(attr(mark, 'type') === 'sub' ? 'sub' : 'sup', {}, nodes)];
  const name = ELEMENTS.get(mark.type);
  return name === undefined ? nodes : [element(name, {}, nodes)];
}
