import type { SiteContext } from '../context.ts';
import { pageCost } from '../cost.ts';
import { parseStorage } from '../parse.ts';
import { type ElementNode, element, type TreeNode, text } from '../tree.ts';
import { type AdfPage, macro, type ReadContent } from './build.ts';
import { extension } from './extensions.ts';
import { applyMarks } from './marks.ts';
import { media, mediaGroup, mediaSingle } from './media.ts';
import { type AdfNode, allText, attr, headingLevel, readNode } from './read.ts';

/** As deep as the parser of storage format goes; below, only text is kept. */
const MAX_DEPTH = 400;

type Builder = (node: AdfNode, content: ReadContent, page: AdfPage) => TreeNode[];

/**
 * Builds the tree that the storage format of the same page would give, so that both formats share every rule after it and
 * one page reads the same in both; no tree when it would cost too much (see `cost.ts`).
 */
export function adfToTree(document: unknown, site: SiteContext): { tree: ElementNode | undefined; length: number } {
  const root = readNode(document);
  const page: AdfPage = { site, cost: pageCost() };
  const tree = element('#root', {}, root ? read(root, page, 0) : []);
  return page.cost.tooHigh ? { tree: undefined, length: 0 } : { tree, length: sizeOf(tree) };
}

/** About as many characters as the body has in storage format. */
function sizeOf(node: TreeNode): number {
  if (node.type === 'text') return node.value.length;
  return node.children.reduce((size, child) => size + sizeOf(child), 2 * node.name.length + 5);
}

function read(node: AdfNode, page: AdfPage, depth: number): TreeNode[] {
  page.cost.addElement(node.attrs);
  page.cost.addElement(node.marks);
  page.cost.addText(node.text);
  if (page.cost.tooHigh) return [];
  if (depth > MAX_DEPTH) return [text(allText(node))];
  const content: ReadContent = (parent) => {
    const nodes: TreeNode[] = [];
    for (const value of parent.content) {
      const child = readNode(value);
      if (child) for (const each of read(child, page, depth + 1)) nodes.push(each);
    }
    return nodes;
  };
  const builder = BUILDERS.get(node.type);
  const nodes = builder ? builder(node, content, page) : unknown(node, content);
  return applyMarks(node, nodes);
}

/** A node that is not known: what is inside, and its text. */
function unknown(node: AdfNode, content: ReadContent): TreeNode[] {
  const shown = node.text || attr(node, 'text');
  return shown === '' ? content(node) : [text(shown), ...content(node)];
}

function plain(name: string): Builder {
  return (node, content) => [element(name, {}, content(node))];
}

const drop: Builder = () => [];

function heading(node: AdfNode, content: ReadContent): TreeNode[] {
  return [element(`h${headingLevel(node)}`, {}, content(node))];
}

function orderedList(node: AdfNode, content: ReadContent): TreeNode[] {
  return [element('ol', { start: attr(node, 'order') || '1' }, content(node))];
}

function task(node: AdfNode, content: ReadContent): TreeNode[] {
  const status = attr(node, 'state') === 'DONE' ? 'complete' : 'incomplete';
  const body = element('ac:task-body', {}, content(node));
  return [element('ac:task', {}, [element('ac:task-status', {}, [text(status)]), body])];
}

function codeBlock(node: AdfNode): TreeNode[] {
  const code = node.content.map((child) => readNode(child)?.text ?? '').join('');
  return [macro('code', { language: attr(node, 'language') }, element('ac:plain-text-body', {}, [text(code, true)]))];
}

function expand(node: AdfNode, content: ReadContent): TreeNode[] {
  return [macro('expand', { title: attr(node, 'title') }, element('ac:rich-text-body', {}, content(node)))];
}

/** What only the new editor knows is an `ac:adf-extension` in storage format. */
function adfNode(type: string, attributes: Record<string, string>, children: TreeNode[]): ElementNode {
  const settings = Object.entries(attributes).map(([key, value]) =>
    element('ac:adf-attribute', { key }, [text(value)]),
  );
  return element('ac:adf-node', { type }, [...settings, ...children]);
}

function panel(node: AdfNode, content: ReadContent): TreeNode[] {
  const body = element('ac:adf-content', {}, content(node));
  return [element('ac:adf-extension', {}, [adfNode('panel', { 'panel-type': attr(node, 'panelType') }, [body])])];
}

function decisionList(node: AdfNode, content: ReadContent): TreeNode[] {
  return [element('ac:adf-extension', {}, [adfNode('decision-list', {}, content(node))])];
}

function decisionItem(node: AdfNode, content: ReadContent): TreeNode[] {
  const body = element('ac:adf-content', {}, content(node));
  return [adfNode('decision-item', { state: attr(node, 'state') }, [body])];
}

function cell(name: 'td' | 'th'): Builder {
  return (node, content) => [
    element(name, { colspan: attr(node, 'colspan'), rowspan: attr(node, 'rowspan') }, content(node)),
  ];
}

function mention(node: AdfNode): TreeNode[] {
  const id = attr(node, 'id');
  if (id === '') return [text(attr(node, 'text'))];
  // The node carries the person's name too; stored pages keep ids only.
  return [element('ac:link', {}, [element('ri:user', { 'ri:account-id': id })])];
}

function emoji(node: AdfNode): TreeNode[] {
  return [
    element('ac:emoticon', {
      'ac:name': 'blue-star',
      'ac:emoji-shortname': attr(node, 'shortName'),
      'ac:emoji-id': attr(node, 'id'),
      'ac:emoji-fallback': attr(node, 'text'),
    }),
  ];
}

/** A date is milliseconds of its day in UTC. */
function date(node: AdfNode): TreeNode[] {
  const day = new Date(Number(attr(node, 'timestamp')));
  if (Number.isNaN(day.getTime()) || attr(node, 'timestamp') === '') return [];
  return [element('time', { datetime: day.toISOString().slice(0, 10) })];
}

function status(node: AdfNode): TreeNode[] {
  return [macro('status', { title: attr(node, 'text'), colour: attr(node, 'color') })];
}

function card(node: AdfNode): TreeNode[] {
  const data = readUrl(node.attrs.data);
  const url = attr(node, 'url') || data;
  return [element('a', { href: url }, [text(url)])];
}

function readUrl(data: unknown): string {
  const url = typeof data === 'object' && data !== null ? (data as Record<string, unknown>).url : undefined;
  return typeof url === 'string' ? url : '';
}

function blockCard(node: AdfNode): TreeNode[] {
  return [element('p', {}, card(node))];
}

function jiraIssue(node: AdfNode): TreeNode[] {
  return [macro('jira', { key: attr(node, 'issueKey') })];
}

/** What the editor could not turn into a node, it keeps as it was. */
function storageNode(node: AdfNode, _content: ReadContent, { cost }: AdfPage): TreeNode[] {
  return parseStorage(attr(node, 'cxhtml'), cost)?.children ?? [];
}

const BUILDERS: ReadonlyMap<string, Builder> = new Map<string, Builder>([
  ['doc', (node, content) => content(node)],
  ['text', (node) => [text(node.text)]],
  ['hardBreak', () => [element('br')]],
  ['paragraph', plain('p')],
  ['heading', heading],
  ['rule', () => [element('hr')]],
  ['blockquote', plain('blockquote')],
  ['bulletList', plain('ul')],
  ['orderedList', orderedList],
  ['listItem', plain('li')],
  ['taskList', plain('ac:task-list')],
  ['taskItem', task],
  ['blockTaskItem', task],
  ['decisionList', decisionList],
  ['decisionItem', decisionItem],
  ['codeBlock', codeBlock],
  ['panel', panel],
  ['expand', expand],
  ['nestedExpand', expand],
  ['layoutSection', plain('ac:layout-section')],
  ['layoutColumn', plain('ac:layout-cell')],
  ['table', plain('table')],
  ['tableRow', plain('tr')],
  ['tableHeader', cell('th')],
  ['tableCell', cell('td')],
  ['caption', plain('ac:caption')],
  ['mediaSingle', mediaSingle],
  ['mediaGroup', mediaGroup],
  ['media', media],
  ['mediaInline', media],
  ['mention', mention],
  ['emoji', emoji],
  ['date', date],
  ['status', status],
  ['inlineCard', card],
  ['blockCard', blockCard],
  ['embedCard', blockCard],
  ['confluenceJiraIssue', jiraIssue],
  ['placeholder', drop],
  ['extension', extension],
  ['inlineExtension', extension],
  ['bodiedExtension', extension],
  ['multiBodiedExtension', extension],
  ['confluenceUnsupportedBlock', storageNode],
  ['confluenceUnsupportedInline', storageNode],
]);
