import { DomUtils, parseDocument } from 'htmlparser2';
import type { Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { visit } from 'unist-util-visit';

/** What a reader finds in a page, taken from its Markdown by a parser that knows nothing of the converter. */
export interface Structure {
  headings: string[];
  listItems: string[];
  /** Cells with text, of GFM tables and of HTML tables, in order. */
  cells: string[];
  code: string[];
  text: string;
}

export function parseMarkdown(markdown: string): Root {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

export function structureOf(markdown: string): Structure {
  const root = parseMarkdown(markdown);
  const found: Structure = { headings: [], listItems: [], cells: [], code: [], text: visibleText(root) };
  visit(root, (node) => {
    if (node.type === 'heading') found.headings.push(visibleText(node));
    if (node.type === 'listItem') found.listItems.push(visibleText(node));
    if (node.type === 'code') found.code.push(node.value);
  });
  const html = parseDocument(asHtml(root));
  for (const cell of DomUtils.getElementsByTagName((name) => name === 'td' || name === 'th', html.children)) {
    const text = DomUtils.textContent(cell).trim();
    if (text !== '') found.cells.push(text);
  }
  return found;
}

/** What makes a quote a callout is notation, not text. */
const CALLOUT = /^\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]/;

/** The text a reader sees, blocks apart. */
export function visibleText(node: Nodes): string {
  return DomUtils.textContent(parseDocument(asHtml(node)).children);
}

/** Markdown's HTML and tables as one HTML text, everything else as text: HTML tables have Markdown in their cells. */
function asHtml(node: Nodes): string {
  switch (node.type) {
    case 'html':
      return node.value.replaceAll('<br>', '\n').replace(/<\/t[dh]>/g, ' $&');
    case 'text':
    case 'inlineCode':
      return escapeHtml(node.value);
    case 'code':
      return `${escapeHtml(node.value)}\n`;
    case 'image':
      return escapeHtml(node.alt ?? '');
    case 'break':
      return '\n';
    case 'table':
      return `<table>${node.children.map(asHtml).join('')}</table>\n`;
    case 'tableRow':
      return `<tr>${node.children.map(asHtml).join('')}</tr>\n`;
    case 'tableCell':
      return `<td>${node.children.map(asHtml).join('')}</td>\n`;
    case 'root':
    case 'list':
    case 'listItem':
      return node.children.map(asHtml).join('\n');
    case 'blockquote':
      return node.children
        .map(asHtml)
        .join('\n')
        .replace(node.children[0]?.type === 'paragraph' ? CALLOUT : '', '');
    default:
      return 'children' in node ? node.children.map(asHtml).join('') : '';
  }
}

function escapeHtml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Letters and digits only: what conversion may not lose, whatever it does to white space and marks. */
export function words(text: string): string[] {
  return text.normalize('NFC').match(/[\p{L}\p{N}]+/gu) ?? [];
}
