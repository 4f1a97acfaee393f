import type { Heading, Nodes, PhrasingContent, Root, RootContent } from 'mdast';
import { REFERENCE_TITLE } from './references.ts';

const EXCERPT_LENGTH = 300;

export interface PlainText {
  /** One line per block, without mentions (they are ids) and macro marks. */
  readonly text: string;
  /** Where the line of each heading begins in `text`. */
  readonly headingOffsets: ReadonlyMap<Heading, number>;
}

/** A page's text for full-text search. */
export function plainText(root: Root): PlainText {
  const lines: string[] = [];
  const headingLines = new Map<Heading, number>();
  for (const node of root.children) collectLines(node, lines, headingLines);
  return { text: lines.join('\n'), headingOffsets: offsetsOf(headingLines, lines) };
}

/** Turns line numbers, which ascend, into offsets. */
function offsetsOf(headingLines: ReadonlyMap<Heading, number>, lines: readonly string[]): Map<Heading, number> {
  const offsets = new Map<Heading, number>();
  let line = 0;
  let offset = 0;
  for (const [heading, wanted] of headingLines) {
    for (; line < wanted; line++) offset += (lines[line]?.length ?? 0) + 1;
    offsets.set(heading, offset);
  }
  return offsets;
}

function collectLines(node: Nodes, lines: string[], headingLines?: Map<Heading, number>): void {
  if (node.type === 'heading') headingLines?.set(node, lines.length);
  switch (node.type) {
    case 'code':
      pushLine(node.value, lines);
      break;
    case 'html':
      pushLine(node.data?.plainText ?? '', lines);
      break;
    case 'paragraph':
    case 'heading':
    case 'tableCell':
      pushLine(lineText(node.children), lines);
      break;
    default:
      if ('children' in node) for (const child of node.children) collectLines(child, lines, headingLines);
  }
}

function pushLine(line: string, lines: string[]): void {
  const trimmed = line.trim();
  if (trimmed !== '') lines.push(trimmed);
}

/** The text of a line of inline nodes. */
export function lineText(nodes: readonly PhrasingContent[]): string {
  let result = '';
  for (const node of nodes) result += inlineText(node);
  return result;
}

function inlineText(node: PhrasingContent): string {
  switch (node.type) {
    case 'text':
    case 'inlineCode':
      return node.value;
    case 'break':
      return '\n';
    case 'html':
      return node.data?.plainText ?? '';
    case 'image':
      return node.alt ?? '';
    case 'emphasis':
      return node.data?.macroMark ? '' : lineText(node.children);
    case 'link':
      return node.title === `${REFERENCE_TITLE}user` ? '' : lineText(node.children);
    default:
      return 'children' in node ? lineText(node.children) : '';
  }
}

/** The first readable sentences for a list of search results, at most 300 characters. */
export function excerpt(root: Root): string {
  return shorten(firstText(root, PROSE) || firstText(root, ANYTHING));
}

const PROSE = new Set(['paragraph']);
const ANYTHING = new Set(['paragraph', 'heading', 'tableCell', 'code', 'html']);

function firstText(root: Root, kinds: ReadonlySet<string>): string {
  const found: string[] = [];
  let length = 0;
  const visit = (nodes: readonly RootContent[]) => {
    for (const node of nodes) {
      if (length > EXCERPT_LENGTH) return;
      if (kinds.has(node.type)) {
        const lines: string[] = [];
        collectLines(node, lines);
        const line = lines
          .join(' ')
          .slice(0, 2 * EXCERPT_LENGTH)
          .replace(/\s+/g, ' ');
        if (line === '') continue;
        found.push(line);
        length += line.length + 1;
      } else if ('children' in node) visit(node.children);
    }
  };
  visit(root.children);
  return found.join(' ');
}

/** At most 300 characters: ends at a sentence if one ends in the second half, else at a word. */
export function shorten(value: string): string {
  if (value.length <= EXCERPT_LENGTH) return value;
  const cut = value.slice(0, EXCERPT_LENGTH - 1);
  const sentences = [...cut.matchAll(/[.!?…](?=\s)/g)];
  const end = sentences.at(-1)?.index ?? 0;
  if (end > EXCERPT_LENGTH / 2) return cut.slice(0, end + 1);
  const word = cut.lastIndexOf(' ');
  return `${cut.slice(0, word > EXCERPT_LENGTH / 2 ? word : cut.length).toWellFormed()}…`;
}
