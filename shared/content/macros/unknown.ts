import { codeBlock } from '../blocks.ts';
import type { ElementHandler, PageState } from '../context.ts';
import { safeUrl } from '../links.ts';
import { block, type Piece, type Style } from '../pieces.ts';
import { readResource, resourceElements } from '../resources.ts';
import { type ElementNode, isElement } from '../tree.ts';
import { collectBlocks } from '../walk.ts';
import { macroName, parameter, plainBody, pushMark, richBody } from './macro.ts';

/** Parameters that tell a reader what a macro shows. Others may hold settings, and even passwords. */
const TELLING = ['title', 'name', 'diagramDisplayName', 'diagramName', 'displayName', 'globaltitle', 'label', 'labels'];

/** A macro without a form of its own: a mark with its name, what its parameters link to, and all of its body. */
export const unknownMacro: ElementHandler = (macro, style, page, out) => {
  const told = parameter(macro, ...TELLING);
  const name = macroName(macro) || 'without a name';
  pushMark(told ? `${name}: ${told}` : name, style, out);
  for (const child of macro.children)
    if (isElement(child) && child.name === 'ac:parameter') pushResources(child, style, page, out);
  const plain = plainBody(macro);
  if (plain !== undefined && plain.trim() !== '')
    out.push(block(codeBlock(plain, parameter(macro, 'language', 'lang'))));
  const body = richBody(macro);
  if (body) collectBlocks(body.children, style, page, out);
};

function pushResources(holder: ElementNode, style: Style, page: PageState, out: Piece[]): void {
  for (const element of resourceElements(holder)) {
    const resource = readResource(element, page);
    const url = resource?.kind === 'link' ? safeUrl(resource.url, page.site) : undefined;
    if (resource?.kind !== 'link' || url === undefined) continue;
    out.push({ kind: 'text', value: ' ', style });
    out.push({ kind: 'text', value: resource.label, style: { ...style, link: { url } } });
  }
}

/** A macro whose output is not in the body and that tells nothing but its name: a list of pages, a table of contents. */
export const listingMacro: ElementHandler = (macro, style, _page, out) => pushMark(macroName(macro), style, out);
