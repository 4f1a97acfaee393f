import type { SiteContext } from '../context.ts';
import type { PageCost } from '../cost.ts';
import { type ElementNode, element, type TreeNode, text } from '../tree.ts';
import type { AdfNode } from './read.ts';

/** What the conversion of one document carries along. */
export interface AdfPage {
  readonly site: SiteContext;
  readonly cost: PageCost;
}

/** Turns the children of a node into a tree; builders of nodes get it to read what is inside them. */
export type ReadContent = (node: AdfNode) => TreeNode[];

/** A macro as storage format has it. */
export function macro(name: string, parameters: Record<string, string>, body?: ElementNode): ElementNode {
  const children: ElementNode[] = Object.entries(parameters)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => element('ac:parameter', { 'ac:name': key }, [text(value)]));
  if (body) children.push(body);
  return element('ac:structured-macro', { 'ac:name': name }, children);
}
