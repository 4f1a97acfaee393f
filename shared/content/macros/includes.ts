import type { ElementHandler, PageState } from '../context.ts';
import { block, isBlank } from '../pieces.ts';
import { excerptEnd, excerptStart, type IncludeReference, include } from '../references.ts';
import { pageReference, resourceElement } from '../resources.ts';
import { type ElementNode, textOf } from '../tree.ts';
import { collectBlocks } from '../walk.ts';
import { macroName, parameter, parameterElement, pushMark, richBody } from './macro.ts';

/** `include` and `excerpt-include`: a reference, resolved when the page is read. */
export const includeMacro: ElementHandler = (macro, style, page, out) => {
  const name = macroName(macro);
  const target = includedPage(macro, page);
  if (!target) return pushMark(name, style, out);
  const excerpt = name === 'include' ? {} : { excerpt: parameter(macro, 'name') ?? '' };
  const reference: IncludeReference = { spaceKey: page.site.spaceKey, ...target, ...excerpt };
  page.includes.push(reference);
  out.push(block(include(page.site, reference)));
};

/** The page is an `ri:page` in the unnamed parameter or in `page`, or a text `KEY:Title` in old bodies. */
function includedPage(macro: ElementNode, page: PageState): IncludeReference | undefined {
  const holder = parameterElement(macro, '') ?? parameterElement(macro, 'page') ?? parameterElement(macro, 'pageTitle');
  const resource = resourceElement(holder ?? macro);
  if (resource) return resource.name === 'ri:blog-post' ? undefined : pageReference(resource);
  const written = holder && textOf(holder).trim();
  if (!written) return undefined;
  const [, spaceKey = page.site.spaceKey, title = written] = /^([A-Za-z0-9~_.-]+):(\S.*)$/.exec(written) ?? [];
  return { spaceKey, title };
}

/** `excerpt`: shown in its place, between the comments that say where an `excerpt-include` may take it from. */
export const excerptMacro: ElementHandler = (macro, style, page, out) => {
  const start = out.push(block(excerptStart(parameter(macro, 'name') ?? '')));
  collectBlocks(richBody(macro)?.children ?? [], style, page, out);
  if (!out.some((piece, index) => index >= start && !isBlank(piece))) out.length = start - 1;
  else out.push(block(excerptEnd()));
};
