import type { ContentRow } from './content/rows.ts';
import { readBody } from './content/store.ts';
import { visibleContent } from './content/visibility.ts';
import type { Call } from './gateway/call.ts';
import { escapeHtml } from './http/html.ts';
import { webUiPath } from './routes/content-json.ts';
import {
  type AnyNode,
  type Element,
  firstChild,
  isTag,
  isText,
  parameterOf,
  parseStorage,
  textOf,
} from './storage-dom.ts';

/** What rendering has to look up. Undefined means that there is nothing, or nothing that the reader may see. */
export interface ViewContext {
  pageUrl(title: string, spaceKey: string | undefined): string | undefined;
  nameOf(accountId: string): string | undefined;
  includedBody(title: string, spaceKey: string | undefined): string | undefined;
}

const MAX_DEPTH = 4;

/** The `view` body of a page: HTML with mentions named, and with include and excerpt-include macros resolved. */
export function storageToView(call: Call, row: ContentRow, storage: string): string {
  const { simulator, site } = call;
  const find = (title: string, spaceKey: string | undefined) => findByTitle(call, title, spaceKey ?? row.spaceKey);
  return renderView(storage, {
    pageUrl: (title, spaceKey) => {
      const page = find(title, spaceKey);
      return page && `${site.url}/wiki${webUiPath(page)}`;
    },
    nameOf: (accountId) =>
      simulator.database.get<{ displayName: string }>('SELECT displayName FROM account WHERE accountId = ?', accountId)
        ?.displayName,
    includedBody: (title, spaceKey) => {
      const page = find(title, spaceKey);
      return page && readBody(simulator, site, page, page.bodyVersion);
    },
  });
}

function findByTitle({ simulator, viewer }: Call, title: string, spaceKey: string): ContentRow | undefined {
  const visible = visibleContent(viewer);
  return simulator.database.get<ContentRow>(
    `SELECT c.*, s.key AS spaceKey FROM content c JOIN space s ON s.site = c.site AND s.id = c.spaceId
     WHERE ${visible.where.join(' AND ')} AND c.kind = 'page' AND c.status = 'current' AND c.title = ? AND s.key = ?`,
    ...visible.values,
    title,
    spaceKey,
  );
}

export function renderView(storage: string, context: ViewContext, depth = 0): string {
  return parseStorage(storage)
    .children.map((node) => renderNode(node, context, depth))
    .join('');
}

function renderNode(node: AnyNode, context: ViewContext, depth: number): string {
  if (isText(node)) return escapeHtml(node.data);
  if (!isTag(node)) return 'children' in node ? renderChildren(node, context, depth) : '';
  switch (node.name) {
    case 'ac:structured-macro':
    case 'ac:macro':
      return renderMacro(node, context, depth);
    case 'ac:link':
      return renderLink(node, context, depth);
    case 'ac:image':
      return '<span class="confluence-embedded-file-wrapper">[image]</span>';
    case 'ac:task-list':
      return `<ul class="inline-task-list">${renderChildren(node, context, depth)}</ul>`;
    case 'ac:task':
      return `<li>${firstChild(node, 'ac:task-body') ? renderChildren(firstChild(node, 'ac:task-body') ?? node, context, depth) : ''}</li>`;
    case 'ac:parameter':
    case 'ac:task-id':
    case 'ac:task-status':
    case 'ac:placeholder':
      return '';
    case 'time':
      return `<time datetime="${escapeHtml(node.attribs.datetime ?? '')}">${escapeHtml(node.attribs.datetime ?? '')}</time>`;
    default:
      return renderElement(node, context, depth);
  }
}

function renderElement(node: Element, context: ViewContext, depth: number): string {
  const inner = renderChildren(node, context, depth);
  if (node.name.includes(':')) return inner;
  const href = node.name === 'a' ? ` href="${escapeHtml(safeHref(node.attribs.href ?? ''))}"` : '';
  return ['br', 'hr', 'col'].includes(node.name) ? `<${node.name} />` : `<${node.name}${href}>${inner}</${node.name}>`;
}

function renderChildren(node: { children: AnyNode[] }, context: ViewContext, depth: number): string {
  return node.children.map((child) => renderNode(child, context, depth)).join('');
}

function renderMacro(macro: Element, context: ViewContext, depth: number): string {
  const name = macro.attribs['ac:name'] ?? '';
  const plain = firstChild(macro, 'ac:plain-text-body');
  const rich = firstChild(macro, 'ac:rich-text-body');
  if (name === 'include' || name === 'excerpt-include')
    return renderInclude(macro, context, depth, name === 'excerpt-include');
  if (name === 'status') return `<span class="status-macro">${escapeHtml(parameterOf(macro, 'title') ?? '')}</span>`;
  if (plain) return `<pre class="syntaxhighlighter-pre">${escapeHtml(textOf(plain))}</pre>`;
  return rich ? `<div class="confluence-${escapeHtml(name)}-macro">${renderChildren(rich, context, depth)}</div>` : '';
}

function renderInclude(macro: Element, context: ViewContext, depth: number, excerptOnly: boolean): string {
  const page = findElement(macro, 'ri:page');
  const body =
    page && depth < MAX_DEPTH
      ? context.includedBody(page.attribs['ri:content-title'] ?? '', page.attribs['ri:space-key'])
      : undefined;
  if (body === undefined) return '<div class="error">Unable to render include. The page was not found.</div>';
  if (!excerptOnly) return renderView(body, context, depth + 1);
  const excerpt = findElement(
    parseStorage(body),
    'ac:structured-macro',
    (macro) => macro.attribs['ac:name'] === 'excerpt',
  );
  const rich = excerpt && firstChild(excerpt, 'ac:rich-text-body');
  return rich ? renderChildren(rich, context, depth + 1) : '';
}

function renderLink(link: Element, context: ViewContext, depth: number): string {
  const user = firstChild(link, 'ri:user');
  if (user) {
    const accountId = user.attribs['ri:account-id'] ?? '';
    return `<a class="confluence-userlink user-mention" data-account-id="${escapeHtml(accountId)}">${escapeHtml(context.nameOf(accountId) ?? 'Former user')}</a>`;
  }
  const page = firstChild(link, 'ri:page');
  const title = page?.attribs['ri:content-title'] ?? '';
  const body = firstChild(link, 'ac:link-body') ?? firstChild(link, 'ac:plain-text-link-body');
  const label = body ? renderChildren(body, context, depth) : escapeHtml(title);
  const url = page && context.pageUrl(title, page.attribs['ri:space-key']);
  return url ? `<a href="${escapeHtml(url)}">${label}</a>` : label;
}

function findElement(node: { children: AnyNode[] }, name: string, test = (_: Element) => true): Element | undefined {
  for (const child of node.children) {
    if (isTag(child) && child.name === name && test(child)) return child;
    const below = 'children' in child ? findElement(child, name, test) : undefined;
    if (below) return below;
  }
  return undefined;
}

function safeHref(href: string): string {
  return /^(https?:|mailto:|\/|#)/i.test(href) ? href : '#';
}
