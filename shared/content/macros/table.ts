import type { ElementHandler } from '../context.ts';
import { code, noformat } from './code.ts';
import { attachments, viewFile } from './files.ts';
import { excerptMacro, includeMacro } from './includes.ts';
import { anchor, jira, profile, status } from './inline.ts';
import { macroName } from './macro.ts';
import { bare, expand, panel, quoteMacro } from './panels.ts';
import { roadmap } from './roadmap.ts';
import { listingMacro, unknownMacro } from './unknown.ts';

/** Macros with a considered form, by name. */
export const MACROS: ReadonlyMap<string, ElementHandler> = new Map<string, ElementHandler>([
  ['code', code],
  ['advanced-codeblock-macro', code],
  ['advanced-single-codeblock-macro', code],
  ['noformat', noformat],
  ['quote', quoteMacro],
  ['info', panel('NOTE')],
  ['panel', panel('NOTE')],
  ['tip', panel('TIP')],
  ['note', panel('WARNING')],
  ['warning', panel('CAUTION')],
  ['expand', expand],
  ['ui-expand', expand],
  ['excerpt', excerptMacro],
  ['include', includeMacro],
  ['excerpt-include', includeMacro],
  ['status', status],
  ['jira', jira],
  ['jiraissues', jira],
  ['anchor', anchor],
  ['profile', profile],
  ['view-file', viewFile],
  ['viewpdf', viewFile],
  ['viewdoc', viewFile],
  ['viewxls', viewFile],
  ['viewppt', viewFile],
  ['multimedia', viewFile],
  ['widget', viewFile],
  ['iframe', viewFile],
  ['attachments', attachments],
  ['roadmap', roadmap],
  ['details', bare],
  ['section', bare],
  ['column', bare],
  ['toc-zone', bare],
  ['div', bare],
  ['span', bare],
  ['toc', listingMacro],
  ['children', listingMacro],
]);

/** `ac:structured-macro`, and `ac:macro` of old bodies. */
export const macroElement: ElementHandler = (element, style, page, out) => {
  const handler = page.macros.get(macroName(element)) ?? unknownMacro;
  handler(element, style, page, out);
};
