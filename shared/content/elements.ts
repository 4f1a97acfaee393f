import { adfExtension } from './adf-extension.ts';
import { caption, container, definitionTerm, heading, ignore, paragraph, preformatted, quote, rule } from './blocks.ts';
import type { ElementHandler } from './context.ts';
import { emoticon } from './emoji.ts';
import {
  code,
  deleted,
  emphasis,
  inlineQuote,
  lineBreak,
  span,
  strong,
  subscript,
  superscript,
  time,
} from './inlines.ts';
import { anchorElement, confluenceImage, confluenceLink, plainImage } from './link-elements.ts';
import { bulletList, orderedList, strayItem, taskList } from './lists.ts';
import { macroElement } from './macros/table.ts';
import { strayRow, table } from './tables.ts';
import { whileShallow } from './walk.ts';

const GROUPS: readonly (readonly [ElementHandler, string])[] = [
  [paragraph, 'p'],
  [heading, 'h1 h2 h3 h4 h5 h6'],
  [rule, 'hr'],
  [preformatted, 'pre listing xmp'],
  [quote, 'blockquote'],
  [caption, 'ac:caption figcaption'],
  [definitionTerm, 'dt summary legend'],
  [
    container,
    'html body div section article header footer main aside nav figure center address fieldset form dl dd details ' +
      'ac:task ac:task-body ac:layout ac:layout-section ac:layout-cell ac:rich-text-body ac:adf-content ac:adf-fallback',
  ],
  [whileShallow(bulletList), 'ul menu dir'],
  [whileShallow(orderedList), 'ol'],
  [whileShallow(strayItem), 'li'],
  [whileShallow(taskList), 'ac:task-list'],
  [whileShallow(table), 'table'],
  [whileShallow(strayRow), 'tr td th'],
  [strong, 'strong b'],
  [emphasis, 'em i cite dfn var'],
  [deleted, 's strike del'],
  [superscript, 'sup'],
  [subscript, 'sub'],
  [code, 'code kbd samp tt'],
  [inlineQuote, 'q'],
  [span, 'span font'],
  [lineBreak, 'br'],
  [time, 'time ac:time'],
  [emoticon, 'ac:emoticon'],
  [anchorElement, 'a'],
  [confluenceLink, 'ac:link'],
  [confluenceImage, 'ac:image'],
  [plainImage, 'img'],
  [macroElement, 'ac:structured-macro ac:macro'],
  [adfExtension, 'ac:adf-extension'],
  // Editors' hints, identifiers and settings, and what runs or styles.
  [
    ignore,
    'ac:placeholder ac:parameter ac:default-parameter ac:task-id ac:task-uuid ac:task-status ac:adf-attribute ' +
      'ac:adf-parameter ac:adf-mark at:var at:declarations fab:display-type fab:placeholder-url ' +
      'head script style template noscript iframe object embed applet colgroup col input select textarea svg math',
  ],
];

/** How each element is read; one that is not here is read through. */
export const ELEMENTS: ReadonlyMap<string, ElementHandler> = new Map(
  GROUPS.flatMap(([handler, names]) => names.split(' ').map((name): [string, ElementHandler] => [name, handler])),
);

/** Whether an element is dropped with all it holds. */
export function isIgnored(name: string): boolean {
  return ELEMENTS.get(name) === ignore;
}
