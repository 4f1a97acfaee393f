import type { BlockContent } from 'mdast';
import { pushContainer, titleLine } from '../blocks.ts';
import type { ElementHandler } from '../context.ts';
import type { CalloutKind } from '../mdast.ts';
import { block, type Piece } from '../pieces.ts';
import { collectBlocks } from '../walk.ts';
import { parameter, richBody } from './macro.ts';

/**
 * A panel as the callout of its colour. Confluence's names shifted with its editors: `note` is the yellow panel,
 * `warning` the red one, `tip` the green one, `panel` a coloured box without a meaning.
 */
export function panel(kind: CalloutKind): ElementHandler {
  return (macro, style, page, out) => {
    const read = (into: Piece[]) => {
      for (const node of titleLine(parameter(macro, 'title'))) into.push(block(node));
      collectBlocks(richBody(macro)?.children ?? [], style, page, into);
    };
    pushContainer(page, out, read, (children: BlockContent[]) => ({ type: 'callout', kind, children }));
  };
}

/** `expand`: the title in bold, then the content; nobody has to open anything to read it. */
export const expand: ElementHandler = (macro, style, page, out) => {
  for (const node of titleLine(parameter(macro, 'title', ''))) out.push(block(node));
  collectBlocks(richBody(macro)?.children ?? [], style, page, out);
};

/** A macro that only arranges or collects its body. */
export const bare: ElementHandler = (macro, style, page, out) => {
  collectBlocks(richBody(macro)?.children ?? [], style, page, out);
};

export const quoteMacro: ElementHandler = (macro, style, page, out) => {
  const read = (into: Piece[]) => collectBlocks(richBody(macro)?.children ?? [], style, page, into);
  pushContainer(page, out, read, (children) => ({ type: 'blockquote', children }));
};
