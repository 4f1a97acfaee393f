import type { PageState, SiteContext } from './context.ts';
import { attachmentUrl, blogPostUrl, type PageReference, pageUrl, spaceUrl } from './links.ts';
import { childNamed, type ElementNode, isElement } from './tree.ts';

/** What an `ri:` element names: something with an address, or a person. */
export type Resource =
  | { readonly kind: 'link'; readonly url: string; readonly label: string; readonly isFile: boolean }
  | { readonly kind: 'user'; readonly accountId: string }
  | { readonly kind: 'text'; readonly label: string };

/** The first `ri:` child, also one inside an `ac:link` as parameters have it. */
export function resourceElement(parent: ElementNode): ElementNode | undefined {
  for (const child of parent.children) {
    if (!isElement(child)) continue;
    if (child.name.startsWith('ri:')) return child;
    if (child.name === 'ac:link') return resourceElement(child);
  }
  return undefined;
}

/** All `ri:` children: `spaces` of a blog macro holds several. */
export function resourceElements(parent: ElementNode): ElementNode[] {
  return parent.children.filter((child) => isElement(child) && child.name.startsWith('ri:')) as ElementNode[];
}

export function readResource(element: ElementNode, page: PageState): Resource | undefined {
  const { site } = page;
  const { attributes } = element;
  switch (element.name) {
    case 'ri:page':
    case 'ri:content-entity': {
      const reference = pageReference(element);
      if (!reference) return undefined;
      return link(pageUrl(site, reference), reference.title ?? `page ${reference.pageId}`);
    }
    case 'ri:blog-post': {
      const title = attributes['ri:content-title'] ?? '';
      return link(blogPostUrl(site, attributes['ri:space-key'], attributes['ri:posting-day'] ?? '', title), title);
    }
    case 'ri:attachment':
      return readAttachment(element, site);
    case 'ri:url':
      return link(attributes['ri:value'] ?? '', attributes['ri:value'] ?? '');
    case 'ri:space': {
      const key = attributes['ri:space-key'] ?? '';
      return link(spaceUrl(site, key), key);
    }
    case 'ri:user': {
      const accountId = attributes['ri:account-id'];
      if (accountId) return { kind: 'user', accountId };
      // Server-era references: nothing can turn them into a name on Cloud.
      return { kind: 'text', label: `@${attributes['ri:username'] ?? attributes['ri:userkey'] ?? 'user'}` };
    }
    case 'ri:shortcut':
      return { kind: 'text', label: `${attributes['ri:parameter'] ?? ''}@${attributes['ri:key'] ?? ''}` };
    default:
      return undefined;
  }
}

/** The page an `ri:page` or `ri:content-entity` names, or undefined when it names none. */
export function pageReference({ attributes }: ElementNode): PageReference | undefined {
  const pageId = attributes['ri:content-id'];
  const title = attributes['ri:content-title']?.trim();
  const spaceKey = attributes['ri:space-key'];
  if (!pageId && !title) return undefined;
  return { ...(pageId ? { pageId } : {}), ...(spaceKey ? { spaceKey } : {}), ...(title ? { title } : {}) };
}

/** A file of this page, or of the page inside the element: without that page's id the page itself is linked. */
function readAttachment(element: ElementNode, site: SiteContext): Resource {
  const fileName = element.attributes['ri:filename'] ?? '';
  const owner = childNamed(element, 'ri:page', 'ri:blog-post', 'ri:content-entity');
  const reference = owner && pageReference(owner);
  if (!reference) return { kind: 'link', url: attachmentUrl(site, fileName), label: fileName, isFile: true };
  if (!reference.pageId) return link(pageUrl(site, reference), fileName);
  return { kind: 'link', url: attachmentUrl(site, fileName, reference.pageId), label: fileName, isFile: true };
}

function link(url: string, label: string): Resource {
  return { kind: 'link', url, label, isFile: false };
}
