import type { Image } from 'mdast';
import { caption } from './blocks.ts';
import type { ElementHandler, PageState } from './context.ts';
import { safeUrl } from './links.ts';
import { collapseSpace } from './phrasing.ts';
import { isBlank, type LinkTarget, type Piece, type Style } from './pieces.ts';
import { mention, REFERENCE_TITLE } from './references.ts';
import { type Resource, readResource, resourceElement } from './resources.ts';
import { childNamed, type ElementNode, exactText, text } from './tree.ts';
import { collect } from './walk.ts';

/** `<a href>`. */
export const anchorElement: ElementHandler = (element, style, page, out) => {
  const name = element.attributes.id ?? element.attributes.name;
  if (name) pushAnchor(name, style, page, out);
  const target = linkTarget(element.attributes.href ?? '', page);
  collectLabel(element, { ...style, link: target ?? style.link }, page, out, element.attributes.href ?? '');
};

/** `<ac:link>`: to a page, blog post, person, file, space, address or anchor, with or without a body. */
export const confluenceLink: ElementHandler = (element, style, page, out) => {
  const anchor = element.attributes['ac:anchor'];
  const found = resourceElement(element);
  const resource = found && readResource(found, page);
  if (resource?.kind === 'user') return pushMention(element, resource.accountId, style, page, out);
  if (resource?.kind === 'text') return collectBody(element, style, page, out, resource.label);
  const url = resource ? addAnchor(safeUrl(resource.url, page.site), anchor) : undefined;
  const target = resource ? url && { url } : anchor ? linkTarget(`#${anchor}`, page) : undefined;
  collectBody(element, { ...style, link: target || style.link }, page, out, resource?.label ?? anchor ?? '');
};

function addAnchor(url: string | undefined, anchor: string | undefined): string | undefined {
  return url && anchor ? `${url}#${encodeURIComponent(anchor.toWellFormed())}` : url;
}

/** A link inside the page is settled when all its headings are known. */
function linkTarget(href: string, page: PageState): LinkTarget | undefined {
  const url = safeUrl(href, page.site);
  if (url === undefined) return undefined;
  const target = { url };
  if (url.startsWith('#')) page.anchorLinks.push({ target, name: href.trim().slice(1) });
  return target;
}

const BODIES = ['ac:link-body', 'ac:plain-text-link-body'];

function pushMention(element: ElementNode, accountId: string, style: Style, page: PageState, out: Piece[]): void {
  page.accountIds.add(accountId);
  const body = childNamed(element, ...BODIES);
  const label = body ? collapseSpace(exactText(body)).trim() : '';
  out.push({ kind: 'node', node: mention(page.site, accountId, label || undefined), style });
}

/** Reads the body of a link, or writes the label that Confluence would show. */
function collectBody(element: ElementNode, style: Style, page: PageState, out: Piece[], label: string): void {
  const body = childNamed(element, ...BODIES);
  const shown =
    body?.name === 'ac:plain-text-link-body'
      ? { ...body, children: [text(exactText(body))] }
      : (body ?? { ...element, children: element.children.filter(isBody) });
  collectLabel(shown, style, page, out, label);
}

function isBody(child: ElementNode['children'][number]): boolean {
  return child.type === 'text' || !child.name.startsWith('ri:');
}

/** Reads what a link shows; a link that shows nothing gets the label, because nobody can see it otherwise. */
function collectLabel(element: ElementNode, style: Style, page: PageState, out: Piece[], label: string): void {
  const before = out.length;
  collect(element.children, style, page, out);
  const empty = out.slice(before).every(isBlank);
  if (empty && style.link) out.push({ kind: 'text', value: label.trim(), style });
  else if (empty && label && element.name.startsWith('ac:')) out.push({ kind: 'text', value: label, style });
}

/** The place a link of this page points to. Other anchors would only be noise. */
export function pushAnchor(name: string, style: Style, page: PageState, out: Piece[]): void {
  if (!page.linkedAnchors.has(name) || page.anchors.has(name)) return;
  page.anchors.add(name);
  const id = encodeURIComponent(name.toWellFormed()).replaceAll("'", '%27');
  out.push({ kind: 'node', node: { type: 'html', value: `<a id="${id}"></a>` }, style: { ...style, link: undefined } });
}

/** `<ac:image>`: an attached or linked picture, in the line or with a caption under it. */
export const confluenceImage: ElementHandler = (element, style, page, out) => {
  const found = resourceElement(element);
  const resource = found && readResource(found, page);
  const { attributes } = element;
  const alt = attributes['ac:alt'] || (resource?.kind === 'link' ? fileNameOf(resource.label) : '');
  const href = attributes['ac:href'] ? linkTarget(attributes['ac:href'], page) : undefined;
  pushImage(resource, { alt, title: attributes['ac:title'] }, href ? { ...style, link: href } : style, page, out);
  const under = childNamed(element, 'ac:caption');
  if (under) caption(under, style, page, out);
};

/** The last part of an address; a file's name is one already. */
function fileNameOf(label: string): string {
  if (!/^[a-z]+:\/\//i.test(label)) return label;
  const path = label.split(/[?#]/, 1)[0] ?? label;
  return path.slice(path.lastIndexOf('/') + 1) || label;
}

function pushImage(
  resource: Resource | undefined,
  { alt, title }: { alt: string; title: string | undefined },
  style: Style,
  page: PageState,
  out: Piece[],
): void {
  const url = resource?.kind === 'link' ? safeUrl(resource.url, page.site) : undefined;
  const isPage = resource?.kind === 'link' && !resource.isFile && resource.url !== resource.label;
  if (url === undefined) out.push({ kind: 'text', value: alt, style });
  // A picture of another page that only its title names: its address is not to be had, the page's is.
  else if (isPage) out.push({ kind: 'text', value: alt, style: { ...style, link: { url } } });
  else out.push({ kind: 'node', node: image(url, alt, title), style });
}

/** `<img>`, as pasted and migrated pages have it. */
export const plainImage: ElementHandler = (element, style, page, out) => {
  const { src = '', alt = '', title } = element.attributes;
  pushImage({ kind: 'link', url: src, label: src, isFile: true }, { alt, title }, style, page, out);
};

function image(url: string, alt: string, title: string | undefined): Image {
  // Titles of links mean references, and a backtick or a comment in a title would not be escaped.
  const plain = collapseSpace(title ?? '')
    .trim()
    .replaceAll('`', "'")
    .replaceAll('<', '‹');
  const shown = plain && plain !== alt && !plain.startsWith(REFERENCE_TITLE);
  return { type: 'image', url, alt: collapseSpace(alt).trim(), title: shown ? plain : null };
}
