import { type AnyNode, childElements, type Element, firstChild, isTag, parameterOf, textOf } from '../storage-dom.ts';
import { extensionAttributes, inlines } from './inlines.ts';
import { type AdfNode, paragraph } from './nodes.ts';

const PANELS: Readonly<Record<string, string>> = {
  info: 'info',
  note: 'note',
  warning: 'error',
  tip: 'success',
  panel: 'info',
};
const INLINE_MACROS = new Set(['status', 'jira']);
const BLOCK_ELEMENTS = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'ul',
  'ol',
  'table',
  'blockquote',
  'hr',
  'pre',
  'div',
  'ac:task-list',
  'ac:layout',
  'ac:layout-section',
  'ac:layout-cell',
  'ac:image',
  'ac:adf-extension',
]);

/** Block nodes of storage nodes. Loose inline content between blocks becomes paragraphs. */
export function blocks(nodes: readonly AnyNode[]): AdfNode[] {
  const result: AdfNode[] = [];
  let loose: AnyNode[] = [];
  const flush = () => {
    const content = inlines(loose);
    if (content.some((node) => node.type !== 'text' || node.text?.trim())) result.push(paragraph(content));
    loose = [];
  };
  for (const node of nodes) {
    if (!isTag(node) || !isBlock(node)) {
      loose.push(node);
      continue;
    }
    flush();
    result.push(...block(node));
  }
  flush();
  return result;
}

function isBlock(node: Element): boolean {
  if (node.name !== 'ac:structured-macro') return BLOCK_ELEMENTS.has(node.name);
  return !INLINE_MACROS.has(node.attribs['ac:name'] ?? '');
}

function block(node: Element): AdfNode[] {
  switch (node.name) {
    case 'p':
      return [paragraph(inlines(node.children))];
    case 'ul':
      return [list('bulletList', node)];
    case 'ol':
      return [list('orderedList', node)];
    case 'table':
      return [table(node)];
    case 'blockquote':
      return [{ type: 'blockquote', content: nonEmpty(blocks(node.children)) }];
    case 'hr':
      return [{ type: 'rule' }];
    case 'pre':
      return [codeBlock(textOf(node), undefined)];
    case 'ac:task-list':
      return [taskList(node)];
    case 'ac:structured-macro':
      return [macro(node)];
    case 'ac:image':
      return [image(node)];
    case 'ac:adf-extension':
      return adfExtension(node);
    default:
      return /^h[1-6]$/.test(node.name) ? [heading(node)] : blocks(node.children);
  }
}

function heading(node: Element): AdfNode {
  return { type: 'heading', attrs: { level: Number(node.name.slice(1)) }, content: inlines(node.children) };
}

function list(type: string, node: Element): AdfNode {
  const items = childElements(node).filter((child) => child.name === 'li');
  return { type, content: items.map((item) => ({ type: 'listItem', content: nonEmpty(blocks(item.children)) })) };
}

function table(node: Element): AdfNode {
  const rows = childElements(node)
    .flatMap((child) => (child.name === 'tr' ? [child] : childElements(child)))
    .filter((child) => child.name === 'tr');
  return { type: 'table', attrs: { layout: 'default' }, content: rows.map(tableRow) };
}

function tableRow(row: Element): AdfNode {
  const cells = childElements(row).filter((cell) => cell.name === 'td' || cell.name === 'th');
  return {
    type: 'tableRow',
    content: cells.map((cell) => ({
      type: cell.name === 'th' ? 'tableHeader' : 'tableCell',
      attrs: { colspan: Number(cell.attribs.colspan ?? 1), rowspan: Number(cell.attribs.rowspan ?? 1) },
      content: nonEmpty(blocks(cell.children)),
    })),
  };
}

function taskList(node: Element): AdfNode {
  const tasks = childElements(node).filter((child) => child.name === 'ac:task');
  return {
    type: 'taskList',
    attrs: { localId: '' },
    content: tasks.map((task) => {
      const status = firstChild(task, 'ac:task-status');
      const body = firstChild(task, 'ac:task-body');
      const id = firstChild(task, 'ac:task-id');
      const state = status && textOf(status) === 'complete' ? 'DONE' : 'TODO';
      return {
        type: 'taskItem',
        attrs: { localId: id ? textOf(id) : '', state },
        content: body ? inlines(body.children) : [],
      };
    }),
  };
}

function macro(node: Element): AdfNode {
  const name = node.attribs['ac:name'] ?? '';
  const plain = firstChild(node, 'ac:plain-text-body');
  const rich = firstChild(node, 'ac:rich-text-body');
  if (name === 'code' || name === 'noformat')
    return codeBlock(plain ? textOf(plain) : '', parameterOf(node, 'language'));
  const content = () => nonEmpty(rich ? blocks(rich.children) : []);
  const panel = PANELS[name];
  if (panel) return { type: 'panel', attrs: { panelType: panel }, content: content() };
  if (name === 'expand')
    return { type: 'expand', attrs: { title: parameterOf(node, 'title') ?? '' }, content: content() };
  const attrs = { ...extensionAttributes(node), layout: 'default' };
  return rich ? { type: 'bodiedExtension', attrs, content: content() } : { type: 'extension', attrs };
}

function codeBlock(code: string, language: string | undefined): AdfNode {
  return {
    type: 'codeBlock',
    ...(language ? { attrs: { language } } : {}),
    ...(code === '' ? {} : { content: [{ type: 'text', text: code }] }),
  };
}

function image(node: Element): AdfNode {
  const url = firstChild(node, 'ri:url')?.attribs['ri:value'];
  const file = firstChild(node, 'ri:attachment')?.attribs['ri:filename'];
  const media = url ? { type: 'external', url } : { type: 'file', id: file ?? '', collection: '', __fileName: file };
  return { type: 'mediaSingle', attrs: { layout: 'center' }, content: [{ type: 'media', attrs: media }] };
}

/** Content that only ADF knows carries a storage fallback. */
function adfExtension(node: Element): AdfNode[] {
  const fallback = firstChild(node, 'ac:adf-fallback');
  return fallback ? blocks(fallback.children) : [];
}

/** Many ADF nodes must have content. */
function nonEmpty(content: AdfNode[]): AdfNode[] {
  return content.length > 0 ? content : [paragraph([])];
}
