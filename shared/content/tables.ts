import type { Html, Paragraph, PhrasingContent, RootContent, Table, TableCell, TableRow } from 'mdast';
import { caption } from './blocks.ts';
import { type ElementHandler, inContainer, type PageState } from './context.ts';
import { phrasingToHtml } from './html.ts';
import { phrasing } from './phrasing.ts';
import { block, isRun, type Piece, PLAIN, type Run, STRONG, type Style, withMark } from './pieces.ts';
import { lineText } from './plain-text.ts';
import { REFERENCE_TITLE } from './references.ts';
import { type ElementNode, element as elementNode, isElement, type TreeNode } from './tree.ts';
import { collect, toBlocks } from './walk.ts';

interface Cell {
  readonly header: boolean;
  readonly colspan: number;
  readonly rowspan: number;
  /** The cell as one line; undefined when it holds blocks that a line cannot say, which `blocks` has then. */
  readonly line: PhrasingContent[] | undefined;
  readonly blocks: readonly Piece[];
}

interface Row {
  readonly head: boolean;
  readonly cells: Cell[];
}

/**
 * A table is GFM as long as GFM can say it. Merged cells, and cells with lists, code, quotes or tables inside, need HTML:
 * then only the skeleton is HTML, and what is in such a cell stays Markdown between blank lines, as GFM reads it.
 */
export const table: ElementHandler = (element, style, page, out) => {
  const rows = inContainer(page, () => readRows(element, page, out, style));
  const filled = rows.filter((row) => row.cells.length > 0);
  if (filled.length === 0) return;
  const simple = filled.every((row) =>
    row.cells.every((cell) => cell.line && cell.colspan === 1 && cell.rowspan === 1),
  );
  if (simple) out.push(block(gfmTable(filled)));
  else for (const node of htmlTable(filled)) out.push(block(node));
};

/** A row or cell outside a table. */
export const strayRow: ElementHandler = (element, style, page, out) => {
  table({ ...element, name: 'table', children: [element] }, style, page, out);
};

function readRows(element: ElementNode, page: PageState, out: Piece[], style: Style): Row[] {
  const rows: Row[] = [];
  const read = (node: ElementNode, head: boolean) => {
    let loose: TreeNode[] = [];
    const flush = () => {
      if (loose.some(isContent)) rows.push(readRow(loose, head, page));
      loose = [];
    };
    for (const child of node.children) {
      const name = isElement(child) ? child.name : '#text';
      if (isElement(child) && ROW_GROUPS.has(name)) {
        flush();
        if (name === 'tr') rows.push(readRow(child.children, head, page));
        else if (name === 'caption') caption(child, style, page, out);
        else read(child, head || name === 'thead');
      } else loose.push(child);
    }
    flush();
  };
  read(element, false);
  return rows;
}

const ROW_GROUPS = new Set(['tr', 'thead', 'tbody', 'tfoot', 'caption']);

/** Something to read, rather than the white space and column widths between rows. */
function isContent(node: TreeNode): boolean {
  return isElement(node) ? node.name !== 'colgroup' && node.name !== 'col' : node.value.trim() !== '';
}

/** What stands in a row outside of its cells is a cell too, rather than lost. */
function readRow(nodes: readonly TreeNode[], head: boolean, page: PageState): Row {
  const cells: Cell[] = [];
  for (const node of nodes) {
    if (isElement(node) && (node.name === 'td' || node.name === 'th')) cells.push(readCell(node, page));
    else if (isContent(node)) cells.push(readCell(elementNode('td', {}, [node]), page));
  }
  return { head, cells };
}

function readCell(element: ElementNode, page: PageState): Cell {
  const pieces: Piece[] = [];
  // A header is bold throughout; where the table itself says so, the bold is taken off again in one piece.
  const header = element.name === 'th';
  collect(element.children, header ? withMark(PLAIN, STRONG) : PLAIN, page, pieces);
  const line = asLine(pieces);
  return {
    header,
    colspan: span(element.attributes.colspan),
    rowspan: span(element.attributes.rowspan),
    line,
    blocks: line ? [] : pieces,
  };
}

function span(value: string | undefined): number {
  const parsed = Number.parseInt(value ?? '1', 10);
  return parsed > 1 && parsed <= 1000 ? parsed : 1;
}

function asLine(pieces: readonly Piece[]): PhrasingContent[] | undefined {
  const line: PhrasingContent[] = [];
  let runs: Run[] = [];
  const add = (nodes: readonly PhrasingContent[]) => {
    if (nodes.length === 0) return;
    if (line.length > 0) line.push(lineBreak());
    for (const node of nodes) line.push(node.type === 'break' ? lineBreak() : node);
  };
  const flush = () => {
    add(phrasing(runs, 'html'));
    runs = [];
  };
  for (const piece of pieces) {
    if (isRun(piece)) runs.push(piece);
    else if (piece.kind === 'boundary') flush();
    else if (piece.node.type === 'paragraph' && !isReference(piece.node)) {
      flush();
      add(piece.node.children);
    } else return undefined;
  }
  flush();
  return line.some(holdsEscapedPipe) ? undefined : line;
}

/** In the code of a GFM cell the backslash of `\\|` is always taken for an escape. */
function holdsEscapedPipe(node: PhrasingContent): boolean {
  if (node.type === 'inlineCode') return node.value.includes('\\|');
  return 'children' in node && node.children.some(holdsEscapedPipe);
}

/** What an include is replaced by is blocks: it needs a place for them. */
function isReference(node: Paragraph): boolean {
  const [first] = node.children;
  return first?.type === 'link' && first.title?.startsWith(REFERENCE_TITLE) === true && !first.title.endsWith(':user');
}

function lineBreak(): Html {
  return { type: 'html', value: '<br>', data: { plainText: '\n' } };
}

function gfmTable(rows: Row[]): Table {
  const [first] = rows;
  const titled = first !== undefined && (first.head || first.cells.every((cell) => cell.header));
  const columns = rows.reduce((most, row) => Math.max(most, row.cells.length), 0);
  const head: TableRow = titled
    ? { type: 'tableRow', children: first.cells.map((cell) => tableCell(withoutStrong(cell.line ?? []))) }
    : { type: 'tableRow', children: [] };
  while (head.children.length < columns) head.children.push(tableCell([]));
  const body = (titled ? rows.slice(1) : rows).map(
    (row): TableRow => ({ type: 'tableRow', children: row.cells.map((cell) => tableCell(cell.line ?? [])) }),
  );
  return { type: 'table', align: head.children.map(() => null), children: [head, ...body] };
}

function tableCell(children: PhrasingContent[]): TableCell {
  return { type: 'tableCell', children };
}

function withoutStrong(nodes: readonly PhrasingContent[]): PhrasingContent[] {
  return nodes.flatMap((node): PhrasingContent[] => {
    if (node.type === 'strong') return withoutStrong(node.children);
    return 'children' in node ? [{ ...node, children: withoutStrong(node.children) } as PhrasingContent] : [node];
  });
}

function htmlTable(rows: readonly Row[]): RootContent[] {
  const nodes: RootContent[] = [];
  let html = '<table>\n';
  let plain = '';
  for (const row of rows) {
    html += '<tr>';
    for (const cell of row.cells) {
      const tag = cell.header ? 'th' : 'td';
      html += `<${tag}${merged('colspan', cell.colspan)}${merged('rowspan', cell.rowspan)}>`;
      const line = cell.line && phrasingToHtml(cell.header ? withoutStrong(cell.line) : cell.line);
      if (line === undefined) {
        nodes.push({ type: 'html', value: html, data: { plainText: plain } });
        for (const node of cellBlocks(cell)) nodes.push(node);
        html = '';
        plain = '';
      } else {
        html += line;
        plain += `${lineText(cell.line ?? [])}\n`;
      }
      html += `</${tag}>`;
    }
    html += '</tr>\n';
  }
  nodes.push({ type: 'html', value: `${html}</table>`, data: { plainText: plain } });
  return nodes;
}

function cellBlocks({ line, blocks }: Cell): RootContent[] {
  if (!line) return toBlocks(blocks);
  const children = line.map((node): PhrasingContent => (isLineBreak(node) ? { type: 'break' } : node));
  return children.length > 0 ? [{ type: 'paragraph', children }] : [];
}

function isLineBreak(node: PhrasingContent): boolean {
  return node.type === 'html' && node.value === '<br>';
}

function merged(name: string, count: number): string {
  return count > 1 ? ` ${name}="${count}"` : '';
}
