import type { List, ListItem, RootContent } from 'mdast';
import { type ElementHandler, inContainer, type PageState } from './context.ts';
import { block, type Piece } from './pieces.ts';
import { childNamed, type ElementNode, isElement, type TreeNode, textOf } from './tree.ts';
import { readBlocks } from './walk.ts';

export const bulletList: ElementHandler = (element, _style, page, out) => {
  pushList(readItems(element.children, page), { ordered: false }, out);
};

export const orderedList: ElementHandler = (element, _style, page, out) => {
  const start = Number.parseInt(element.attributes.start ?? '1', 10);
  const valid = Number.isSafeInteger(start) && start >= 0 && start < 1e9;
  pushList(readItems(element.children, page), { ordered: true, start: valid ? start : 1 }, out);
};

/** A list item outside a list. */
export const strayItem: ElementHandler = (element, _style, page, out) => {
  pushList(readItems([element], page), { ordered: false }, out);
};

function readItems(nodes: readonly TreeNode[], page: PageState): ListItem[] {
  const items: ListItem[] = [];
  let loose: TreeNode[] = [];
  const flush = () => {
    const blocks = inContainer(page, () => readBlocks(loose, page));
    loose = [];
    if (blocks.length === 0) return;
    // A list right inside a list is meant to hang under the item before it.
    const last = items.at(-1);
    if (last) for (const node of blocks) last.children.push(node as ListItem['children'][number]);
    else items.push(item(blocks));
  };
  for (const node of nodes) {
    if (isElement(node) && node.name === 'li') {
      flush();
      const blocks = inContainer(page, () => readBlocks(node.children, page));
      if (blocks.length > 0) items.push(item(blocks));
    } else loose.push(node);
  }
  flush();
  return items;
}

export function item(blocks: RootContent[], checked?: boolean): ListItem {
  return { type: 'listItem', checked: checked ?? null, children: blocks as ListItem['children'] };
}

/** Pushes a list; nothing for an empty one. */
export function pushList(items: ListItem[], kind: { ordered: boolean; start?: number }, out: Piece[]) {
  if (items.length === 0) return;
  items.forEach((each, ordinal) => {
    each.spread = isSpread(each);
    if (kind.ordered) each.data = { ordinal };
  });
  const list: List = { type: 'list', ...kind, spread: items.some((each) => each.spread), children: items };
  out.push(block(list));
}

/** An item that is one paragraph with lists under it is written without blank lines. */
function isSpread({ children }: ListItem): boolean {
  return children.some((child, index) => index > 0 && child.type !== 'list');
}

/** Tasks stand in `ac:task`; a nested task list is inside the body of its task or beside the tasks. */
export const taskList: ElementHandler = (element, _style, page, out) => {
  const items: ListItem[] = [];
  for (const child of element.children) {
    if (!isElement(child)) continue;
    if (child.name === 'ac:task') {
      const task = readTask(child, page);
      if (task) items.push(task);
    } else addBeside(items, child, page);
  }
  pushList(items, { ordered: false }, out);
};

function readTask(task: ElementNode, page: PageState): ListItem | undefined {
  const status = childNamed(task, 'ac:task-status');
  const blocks = inContainer(page, () =>
    task.children.flatMap((child) => {
      if (!isElement(child)) return [];
      if (child.name === 'ac:task-body') return readBlocks(child.children, page);
      return child.name === 'ac:task-list' ? readBlocks([child], page) : [];
    }),
  );
  if (blocks.length === 0) return undefined;
  // A task box needs a paragraph to stand in front of.
  if (blocks[0]?.type !== 'paragraph') blocks.unshift({ type: 'paragraph', children: [] });
  return item(blocks, status !== undefined && textOf(status).trim() === 'complete');
}

function addBeside(items: ListItem[], node: ElementNode, page: PageState): void {
  const blocks = inContainer(page, () => readBlocks([node], page));
  const last = items.at(-1);
  if (last) for (const each of blocks) last.children.push(each as ListItem['children'][number]);
  else if (blocks.length > 0) items.push(item(blocks));
}
