import { codeBlock, titleLine } from '../blocks.ts';
import type { ElementHandler } from '../context.ts';
import { block } from '../pieces.ts';
import { textOf } from '../tree.ts';
import { collectBlocks } from '../walk.ts';
import { parameter, plainBody, richBody } from './macro.ts';

/** `code`: its language is in `language`, `lang` or the unnamed parameter; the title is a line above. */
export const code: ElementHandler = (macro, style, page, out) => {
  for (const node of titleLine(parameter(macro, 'title', 'globaltitle'))) out.push(block(node));
  const body = plainBody(macro);
  if (body !== undefined) out.push(block(codeBlock(body, parameter(macro, 'language', 'lang', ''))));
  collectBlocks(richBody(macro)?.children ?? [], style, page, out);
};

/** `noformat`: text as typed, without a language. */
export const noformat: ElementHandler = (macro, _style, _page, out) => {
  for (const node of titleLine(parameter(macro, 'title'))) out.push(block(node));
  const rich = richBody(macro);
  out.push(block(codeBlock(plainBody(macro) ?? (rich ? textOf(rich) : ''))));
};
