import { attr, headingLevel, readNode } from '../adf/read.ts';
import type { SiteContext } from '../context.ts';
import type { ConvertedPage } from '../convert.ts';
import { OversizedPage } from './page.ts';

/** In the middle of a line. Any other node ends a block where it begins and where it ends. */
const INLINE = new Set(['text', 'emoji', 'mention', 'status', 'date', 'inlineCard', 'mediaInline', 'inlineExtension']);

const ITEMS = new Set(['listItem', 'taskItem', 'decisionItem']);

/** Stands after the content of a node that waits to be read. */
class End {
  readonly type: string;

  constructor(type: string) {
    this.type = type;
  }
}

/** Converts a document whose tree would be too large; linear in time, and in memory but for the result. */
export function oversizedAdf(document: unknown, site: SiteContext): Omit<ConvertedPage, 'hash'> {
  const page = new OversizedPage(site);
  const waiting: unknown[] = [document];
  let rows = 0;
  const boundary = (type: string) => {
    if (INLINE.has(type)) return;
    if (rows === 0) page.end();
    else page.separate(type === 'tableCell' || type === 'tableHeader' ? ' | ' : ' ');
  };
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (value instanceof End) {
      if (value.type === 'tableRow') rows--;
      boundary(value.type);
      if (isPrefixed(value.type)) page.begin('');
      continue;
    }
    const node = readNode(value);
    if (!node) continue;
    boundary(node.type);
    if (node.type === 'codeBlock') {
      page.code(node.content.map((child) => readNode(child)?.text ?? '').join(''));
      continue;
    }
    if (node.type === 'tableRow') rows++;
    if (isPrefixed(node.type)) page.begin(node.type === 'heading' ? `${'#'.repeat(headingLevel(node))} ` : '- ');
    // A mention carries a person's name too; stored pages keep ids only.
    if (node.type === 'mention') page.mention(attr(node, 'id'));
    else page.text(node.text || attr(node, 'text'));
    waiting.push(new End(node.type));
    for (let index = node.content.length - 1; index >= 0; index--) waiting.push(node.content[index]);
  }
  return page.finish();
}

function isPrefixed(type: string): boolean {
  return type === 'heading' || ITEMS.has(type);
}
