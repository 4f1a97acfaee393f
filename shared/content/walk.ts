import type { Paragraph, RootContent } from 'mdast';
import type { ElementHandler, PageState } from './context.ts';
import { phrasing } from './phrasing.ts';
import { BOUNDARY, isRun, type Piece, PLAIN, type Run, type Style } from './pieces.ts';
import type { TreeNode } from './tree.ts';

/** Reads nodes in order; an element without a handler is read through, so its text is never lost. */
export function collect(nodes: readonly TreeNode[], style: Style, page: PageState, out: Piece[]): void {
  for (const node of nodes) {
    if (node.type === 'text') {
      out.push({ kind: 'text', value: node.value, style });
      continue;
    }
    const handler = page.elements.get(node.name);
    if (handler) handler(node, style, page, out);
    else collect(node.children, style, page, out);
  }
}

/**
 * Reads nodes as blocks into the pieces around them. Nothing is copied from level to level, so boxes in boxes cost nothing
 * however deep they are.
 */
export function collectBlocks(nodes: readonly TreeNode[], style: Style, page: PageState, out: Piece[]): void {
  out.push(BOUNDARY);
  collect(nodes, { ...style, inline: false }, page, out);
  out.push(BOUNDARY);
}

/** A handler that makes a container, unless that would be one too many: then its content is read without it. */
export function whileShallow(handler: ElementHandler): ElementHandler {
  return (element, style, page, out) => {
    if (page.depth < page.maxDepth) handler(element, style, page, out);
    else collectBlocks(element.children, style, page, out);
  };
}

/** Reads nodes as blocks: what is between blocks becomes paragraphs. */
export function readBlocks(nodes: readonly TreeNode[], page: PageState, style: Style = PLAIN): RootContent[] {
  const pieces: Piece[] = [];
  collect(nodes, { ...style, inline: false }, page, pieces);
  return toBlocks(pieces);
}

export function toBlocks(pieces: readonly Piece[]): RootContent[] {
  const blocks: RootContent[] = [];
  let runs: Run[] = [];
  for (const piece of pieces) {
    if (isRun(piece)) {
      runs.push(piece);
      continue;
    }
    if (runs.length > 0) pushParagraphs(runs, blocks);
    runs = [];
    if (piece.kind === 'block') blocks.push(piece.node);
  }
  pushParagraphs(runs, blocks);
  return blocks;
}

/** Two line breaks in a row are how people who write by hand separate paragraphs. */
function pushParagraphs(runs: readonly Run[], blocks: RootContent[]): void {
  let paragraph: Run[] = [];
  let breaks = 0;
  for (const run of runs) {
    if (run.kind === 'break') breaks++;
    else if (run.kind === 'node' || run.value.trim() !== '') {
      if (breaks > 1) {
        pushParagraph(paragraph, blocks);
        paragraph = [];
      }
      breaks = 0;
    }
    paragraph.push(run);
  }
  pushParagraph(paragraph, blocks);
}

function pushParagraph(runs: readonly Run[], blocks: RootContent[]): void {
  const children = phrasing(runs);
  if (children.length > 0) blocks.push({ type: 'paragraph', children } satisfies Paragraph);
}
