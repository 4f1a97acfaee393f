import type { BlockContent, Code, RootContent } from 'mdast';
import { type ElementHandler, inContainer, type PageState } from './context.ts';
import { phrasing } from './phrasing.ts';
import { BOUNDARY, block, EMPHASIS, isRun, type Piece, PLAIN, type Run, STRONG, withMark } from './pieces.ts';
import type { ElementNode, TreeNode } from './tree.ts';
import { collect, collectBlocks, toBlocks } from './walk.ts';

/** Dropped with all they hold: not content, not readable, or not safe. */
export const ignore: ElementHandler = () => {};

/** A box that only arranges: its blocks in reading order. */
export const container: ElementHandler = (element, style, page, out) => {
  collectBlocks(element.children, style, page, out);
};

export const paragraph: ElementHandler = (element, style, page, out) => {
  // Publishing tools keep their own state in hidden paragraphs.
  if (isHidden(element)) return;
  out.push(BOUNDARY);
  collect(element.children, { ...style, inline: true }, page, out);
  out.push(BOUNDARY);
};

export const heading: ElementHandler = (element, style, page, out) => {
  if (page.inHeading) return paragraph(element, style, page, out);
  const pieces: Piece[] = [];
  page.inHeading = true;
  collect(element.children, { ...style, inline: true }, page, pieces);
  page.inHeading = false;
  const children = phrasing(pieces.flatMap(headingRun), 'space');
  const depth = Number(element.name.slice(1)) as 1 | 2 | 3 | 4 | 5 | 6;
  const id = element.attributes.id;
  if (children.length > 0) out.push(block({ type: 'heading', depth, children, data: id ? { id } : {} }));
  // A heading is one line: blocks inside it come after it.
  for (const piece of pieces) if (piece.kind === 'block') out.push(piece);
};

/** Headings are bold anyway. */
function headingRun(piece: Piece): Run[] {
  if (!isRun(piece) || piece.kind === 'break') return [{ kind: 'break' }];
  return [{ ...piece, style: { ...piece.style, marks: piece.style.marks & ~STRONG } }];
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

export const quote: ElementHandler = (element, style, page, out) => {
  const read = (into: Piece[]) => collectBlocks(element.children, style, page, into);
  pushContainer(page, out, read, (children) => ({ type: 'blockquote', children }));
};

export const definitionTerm: ElementHandler = (element, style, page, out) => {
  paragraph(element, withMark(style, STRONG), page, out);
};

export const caption: ElementHandler = (element, style, page, out) => {
  paragraph(element, withMark(style, EMPHASIS), page, out);
};

/** Reads blocks inside one more container and wraps them; where nesting has gone too far they are kept bare. */
export function pushContainer(
  page: PageState,
  out: Piece[],
  read: (into: Piece[]) => void,
  wrap: (children: BlockContent[]) => RootContent,
): void {
  const tooDeep = page.depth >= page.maxDepth;
  const pieces: Piece[] = tooDeep ? out : [];
  inContainer(page, () => read(pieces));
  if (tooDeep) return;
  const children = toBlocks(pieces);
  if (children.length > 0) out.push(block(wrap(children as BlockContent[])));
}

/** A title in bold on a line of its own; nothing for an empty one. */
export function titleLine(title: string | undefined): RootContent[] {
  const children = phrasing([{ kind: 'text', value: title ?? '', style: withMark(PLAIN, STRONG) }]);
  return children.length > 0 ? [{ type: 'paragraph', children }] : [];
}

export function isHidden(element: ElementNode): boolean {
  return /display\s*:\s*none/i.test(element.attributes.style ?? '');
}
