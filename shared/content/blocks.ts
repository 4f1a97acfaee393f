import type { BlockContent, Code, RootContent } from 'mdast';
import { type ElementHandler, inContainer, type PageState } from './context.ts';
import { phrasing } from './phrasing.ts';
import { block, EMPHASIS, type Piece, PLAIN, type Run, STRONG, withMark } from './pieces.ts';
import type { ElementNode, TreeNode } from './tree.ts';
import { collect, readBlocks, toBlocks } from './walk.ts';

/** Dropped with all they hold: not content, not readable, or not safe. */
export const ignore: ElementHandler = () => {};

/** A box that only arranges: its blocks in reading order. */
export const container: ElementHandler = (element, style, page, out) => {
  for (const node of readBlocks(element.children, page, style)) out.push(block(node));
};

export const paragraph: ElementHandler = (element, style, page, out) => {
  // Publishing tools keep their own state in hidden paragraphs.
  if (isHidden(element)) return;
  const pieces: Piece[] = [];
  collect(element.children, { ...style, inline: true }, page, pieces);
  for (const node of toBlocks(pieces)) out.push(block(node));
};

export const heading: ElementHandler = (element, style, page, out) => {
  const pieces: Piece[] = [];
  collect(element.children, { ...style, inline: true }, page, pieces);
  const runs = pieces.filter((piece): piece is Run => piece.kind !== 'block').map(withoutBold);
  const children = phrasing(runs, 'space');
  const depth = Number(element.name.slice(1)) as 1 | 2 | 3 | 4 | 5 | 6;
  const id = element.attributes.id;
  if (children.length > 0) out.push(block({ type: 'heading', depth, children, data: id ? { id } : {} }));
  for (const piece of pieces) if (piece.kind === 'block') out.push(piece);
};

/** Headings are bold anyway. */
function withoutBold(run: Run): Run {
  return run.kind === 'break' ? run : { ...run, style: { ...run.style, marks: run.style.marks & ~STRONG } };
}

export const rule: ElementHandler = (_element, _style, _page, out) => {
  out.push(block({ type: 'thematicBreak' }));
};

export const preformatted: ElementHandler = (element, _style, _page, out) => {
  out.push(block(codeBlock(preformattedText(element.children))));
};

function preformattedText(nodes: readonly TreeNode[]): string {
  let result = '';
  for (const node of nodes) {
    if (node.type === 'text') result += node.value;
    else result += node.name === 'br' ? '\n' : preformattedText(node.children);
  }
  return result;
}

/** A code block with its exact text; `language` is used only if it can stand after a fence. */
export function codeBlock(value: string, language?: string): Code {
  const lang = language?.trim().toLowerCase() ?? '';
  const known = /^[a-z0-9][a-z0-9+#._-]{0,39}$/.test(lang) && lang !== 'none' && lang !== 'text' && lang !== 'plain';
  return { type: 'code', lang: known ? lang : null, value };
}

export const quote: ElementHandler = (element, _style, page, out) => {
  pushContainer(
    page,
    out,
    () => readBlocks(element.children, page),
    (children) => ({ type: 'blockquote', children }),
  );
};

export const definitionTerm: ElementHandler = (element, style, page, out) => {
  paragraph(element, withMark(style, STRONG), page, out);
};

export const caption: ElementHandler = (element, style, page, out) => {
  paragraph(element, withMark(style, EMPHASIS), page, out);
};

/** Reads blocks inside one more container and wraps them, or keeps them bare when nesting has gone too far. */
export function pushContainer(
  page: PageState,
  out: Piece[],
  read: () => RootContent[],
  wrap: (children: BlockContent[]) => RootContent,
): void {
  const children = inContainer(page, read);
  if (children.length === 0) return;
  if (page.depth < page.maxDepth) out.push(block(wrap(children as BlockContent[])));
  else for (const child of children) out.push(block(child));
}

/** A title in bold on a line of its own; nothing for an empty one. */
export function titleLine(title: string | undefined): RootContent[] {
  const children = phrasing([{ kind: 'text', value: title ?? '', style: withMark(PLAIN, STRONG) }]);
  return children.length > 0 ? [{ type: 'paragraph', children }] : [];
}

export function isHidden(element: ElementNode): boolean {
  return /display\s*:\s*none/i.test(element.attributes.style ?? '');
}
