import type { BlockContent, ListItem } from 'mdast';
import { pushContainer } from './blocks.ts';
import type { ElementHandler, PageState } from './context.ts';
import { item, pushList } from './lists.ts';
import { pushMark } from './macros/macro.ts';
import type { CalloutKind } from './mdast.ts';
import { isBlank, type Piece, PLAIN, STRONG, type Style, withMark } from './pieces.ts';
import { childNamed, type ElementNode, isElement, type TreeNode, textOf } from './tree.ts';
import { collect, collectBlocks, toBlocks } from './walk.ts';

/**
 * `ac:adf-extension` holds what only the new editor knows, twice: as a node, and as a fallback for everyone else. The
 * node is read where it is known, else the fallback; neither's attributes are content. The fallback may be missing, may
 * stand inside the node, and may be a node again.
 */
export const adfExtension: ElementHandler = (extension, style, page, out) => {
  const node = childNamed(extension, 'ac:adf-node');
  const fallback = childNamed(extension, 'ac:adf-fallback') ?? (node && childNamed(node, 'ac:adf-fallback'));
  if (node && readKnown(node, style, page, out)) return;
  const readable = fallback?.children.filter((child) => !(isElement(child) && child.name === 'ac:adf-node')) ?? [];
  if (readSomething(readable, style, page, out)) return;
  const inner = fallback && childNamed(fallback, 'ac:adf-node');
  if (inner && readKnown(inner, style, page, out)) return;
  if (readSomething(contents(node ?? extension), style, page, out)) return;
  const named = node ?? inner;
  if (named) pushMark(attribute(named, 'text') || (named.attributes.type ?? 'extension'), style, out);
};

const PANELS = new Map<string, CalloutKind>([
  ['info', 'NOTE'],
  ['note', 'IMPORTANT'],
  ['tip', 'TIP'],
  ['success', 'TIP'],
  ['warning', 'WARNING'],
  ['error', 'CAUTION'],
  ['custom', 'NOTE'],
]);

function readKnown(node: ElementNode, style: Style, page: PageState, out: Piece[]): boolean {
  if (node.attributes.type === 'panel') {
    const kind = PANELS.get(attribute(node, 'panel-type')) ?? 'NOTE';
    const read = (into: Piece[]) => collectBlocks(contents(node), style, page, into);
    pushContainer(page, out, read, (children: BlockContent[]) => ({ type: 'callout', kind, children }));
    return true;
  }
  if (node.attributes.type !== 'decision-list') return false;
  const items = node.children.flatMap((child) => (isElement(child) ? readDecision(child, style, page) : []));
  pushList(items, { ordered: false }, out);
  return true;
}

/** A decision is a list item that says so; the editor shows it by an icon. */
function readDecision(decision: ElementNode, style: Style, page: PageState): ListItem[] {
  if (decision.attributes.type !== 'decision-item') return [];
  const pieces: Piece[] = [];
  collect(contents(decision), { ...style, inline: true }, page, pieces);
  if (toBlocks(pieces).length === 0) return [];
  const label = attribute(decision, 'state').toUpperCase() === 'UNDECIDED' ? 'Undecided:' : 'Decision:';
  const lead: Piece[] = [
    { kind: 'text', value: label, style: withMark(PLAIN, STRONG) },
    { kind: 'text', value: ' ', style: PLAIN },
  ];
  return [item(toBlocks([...lead, ...pieces]))];
}

function contents(node: ElementNode): TreeNode[] {
  return node.children.flatMap((child) => (isElement(child) && child.name === 'ac:adf-content' ? child.children : []));
}

function attribute(node: ElementNode, key: string): string {
  const found = node.children.find(
    (child) => isElement(child) && child.name === 'ac:adf-attribute' && child.attributes.key === key,
  );
  return found ? textOf(found).trim() : '';
}

/** Reads blocks and says whether there was anything to read. */
function readSomething(nodes: readonly TreeNode[], style: Style, page: PageState, out: Piece[]): boolean {
  const before = out.length;
  collectBlocks(nodes, style, page, out);
  for (let index = before; index < out.length; index++) {
    const piece = out[index];
    if (piece && !isBlank(piece)) return true;
  }
  return false;
}
