import type { Root } from 'mdast';
import { visit } from 'unist-util-visit';
import type { PageState } from './context.ts';
import { Slugs } from './outline.ts';
import { lineText } from './plain-text.ts';

/**
 * Points the page's links to its own anchors at something that exists in the Markdown: an anchor that was written, or the
 * heading that the name stands for. Confluence names a heading by its text, without spaces in the old editor (with the
 * page's title in front) and with hyphens in the new one.
 */
export function settleAnchors(root: Root, page: PageState): void {
  if (page.anchorLinks.length === 0) return;
  const headings = headingSlugs(root);
  for (const { target, name } of page.anchorLinks) {
    if (page.anchors.has(name)) target.url = `#${encodeURIComponent(name.toWellFormed())}`;
    else target.url = `#${headings.get(name) ?? headings.get(comparable(name)) ?? target.url.slice(1)}`;
  }
  visit(root, 'link', (link) => {
    if (link.data?.target) link.url = link.data.target.url;
  });
}

function headingSlugs(root: Root): Map<string, string> {
  const slugs = new Slugs();
  const found = new Map<string, string>();
  visit(root, 'heading', (heading) => {
    const text = lineText(heading.children).replace(/\s+/g, ' ').trim();
    const slug = slugs.next(text);
    const names = [heading.data?.id, comparable(text)];
    for (const name of names) if (name && !found.has(name)) found.set(name, slug);
  });
  return found;
}

function comparable(name: string): string {
  let plain = name;
  try {
    plain = decodeURIComponent(name);
  } catch {
    // Not percent-encoded: taken as it is.
  }
  return plain.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
