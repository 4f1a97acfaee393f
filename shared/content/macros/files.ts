import type { ElementHandler, PageState } from '../context.ts';
import { attachmentsUrl, attachmentUrl, safeUrl } from '../links.ts';
import { BOUNDARY, type Piece, type Style } from '../pieces.ts';
import { readResource, resourceElement } from '../resources.ts';
import { isElement } from '../tree.ts';
import { macroName, parameter, pushMark } from './macro.ts';

/** `view-file` and its kin: a link to what they show, wherever the parameter hides it. */
export const viewFile: ElementHandler = (macro, style, page, out) => {
  for (const child of macro.children) {
    if (!isElement(child) || child.name !== 'ac:parameter') continue;
    const found = resourceElement(child);
    const resource = found && readResource(found, page);
    const url = resource?.kind === 'link' ? safeUrl(resource.url, page.site) : undefined;
    if (resource?.kind !== 'link' || url === undefined) continue;
    pushLink(resource.label, url, style, out);
    return;
  }
  const written = parameter(macro, 'url', 'name', '');
  const url = written && addressOf(written, page);
  if (written && url) pushLink(written, url, style, out);
  else pushMark(written ? `${macroName(macro)}: ${written}` : macroName(macro), style, out);
};

/** An address, or the name of a file of this page. */
function addressOf(written: string, page: PageState): string | undefined {
  if (/^https?:/i.test(written)) return safeUrl(written, page.site);
  return /^[^/:]+\.[A-Za-z0-9]{1,8}$/.test(written) ? attachmentUrl(page.site, written) : undefined;
}

/** `attachments`: the list is not in the body; a link leads to it. */
export const attachments: ElementHandler = (_macro, style, page, out) => {
  pushLink('Attachments of this page', attachmentsUrl(page.site), style, out);
};

/** A link in the line, or between blocks on a line of its own. */
function pushLink(label: string, url: string, style: Style, out: Piece[]): void {
  if (!style.inline) out.push(BOUNDARY);
  out.push({ kind: 'text', value: label, style: { ...style, link: { url } } });
  if (!style.inline) out.push(BOUNDARY);
}
