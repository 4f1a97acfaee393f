import type { BlockContent } from 'mdast';
import { pushContainer, titleLine } from '../blocks.ts';
import type { ElementHandler } from '../context.ts';
import type { CalloutKind } from '../mdast.ts';
import { block } from '../pieces.ts';
import { readBlocks } from '../walk.ts';
import { parameter, richBody } from './macro.ts';

/**
 * A panel as the callout of its colour. Confluence's names shifted with its editors: `note` is the yellow panel,
 * `warning` the red one, `tip` the green one, `panel` a coloured box without a meaning.
 */
export function panel(kind: CalloutKind): ElementHandler {
  return (macro, _style, page, out) => {
    const read = () => [...titleLine(parameter(macro, 'title')), ...readBlocks(richBody(macro)?.children ?? [], page)];
    pushContainer(page, out, read, (children: BlockContent[]) => ({ type: 'callout', kind, children }));
  };
}

/** `expand`: the title in bold, then the content; nobody has to open anything to read it. */
export const expand: ElementHandler = (macro, _style, page, out) => {
  for (const node of titleLine(parameter(macro, 'title', ''))) out.push(block(node));
  for (const node of readBlocks(richBody(macro)?.children ?? [], page)) out.push(block(node));
};

/** A macro that only arranges or collects its body. */
export const bare: ElementHandler = (macro, style, page, out) => {
  for (const node of readBlocks(richBody(macro)?.children ?? [], page, style)) out.push(block(node));
};

export const quoteMacro: ElementHandler = (macro, _style, page, out) => {
  const read = () => readBlocks(richBody(macro)?.children ?? [], page);
  pushContainer(page, out, read, (children) => ({ type: 'blockquote', children }));
};
