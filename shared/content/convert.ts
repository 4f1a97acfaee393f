import { createHash } from 'node:crypto';
import type { Root } from 'mdast';
import { adfToTree } from './adf/to-storage.ts';
import { settleAnchors } from './anchors.ts';
import { containerLimit, type PageState, type SiteContext } from './context.ts';
import { ELEMENTS } from './elements.ts';
import { MACROS } from './macros/table.ts';
import { writeMarkdown } from './markdown.ts';
import { type OutlineEntry, outline } from './outline.ts';
import { oversizedAdf } from './oversized/adf.ts';
import { oversizedStorage } from './oversized/storage.ts';
import { parseStorage } from './parse.ts';
import { excerpt, plainText } from './plain-text.ts';
import type { IncludeReference } from './references.ts';
import { type ElementNode, isElement } from './tree.ts';
import { readBlocks } from './walk.ts';

export type { SiteContext } from './context.ts';
export type { PageReference } from './links.ts';
export type { OutlineEntry } from './outline.ts';
export type { IncludeReference } from './references.ts';

/** A page as it is stored and searched. */
export interface ConvertedPage {
  /** GFM in which people and included pages are references (see `references.ts`); `resolveReferences` turns them into text. */
  readonly markdown: string;
  /** Plain text for full-text search: no markup, no names of people. */
  readonly text: string;
  /** At most 300 characters: the first readable sentences. */
  readonly excerpt: string;
  readonly outline: readonly OutlineEntry[];
  /** SHA-256 of the Markdown, base64url. */
  readonly hash: string;
  readonly references: { readonly accountIds: readonly string[]; readonly includes: readonly IncludeReference[] };
}

/**
 * Converts a body in storage format. Never throws; what is broken is read as far as it can be, and of a body of too many
 * parts (see `cost.ts`) the words, without their structure.
 */
export function storageToMarkdown(storage: string, context: SiteContext): ConvertedPage {
  const page = read(parseStorage(storage), context, storage.length);
  return withHash(page ? write(page) : oversizedStorage(storage, context));
}

/** Converts a parsed body in the Atlassian Document Format (`atlas_doc_format`), as `storageToMarkdown` does. */
export function adfToMarkdown(adf: unknown, context: SiteContext): ConvertedPage {
  const { tree, length } = adfToTree(adf, context);
  const page = read(tree, context, length);
  return withHash(page ? write(page) : oversizedAdf(adf, context));
}

function withHash(page: Omit<ConvertedPage, 'hash'>): ConvertedPage {
  return { ...page, hash: createHash('sha256').update(page.markdown).digest('base64url') };
}

interface ReadPage {
  readonly root: Root;
  readonly page: PageState;
}

/** Reads a body's tree; on return nothing holds the tree, which is the largest thing in memory until then. */
function read(tree: ElementNode | undefined, site: SiteContext, length: number): ReadPage | undefined {
  if (!tree) return undefined;
  const page: PageState = {
    site: { ...site, siteUrl: site.siteUrl.replace(/\/+$/, '') },
    elements: ELEMENTS,
    macros: MACROS,
    linkedAnchors: linkedAnchors(tree),
    anchorLinks: [],
    anchors: new Set(),
    accountIds: new Set(),
    includes: [],
    depth: 0,
    inHeading: false,
    maxDepth: containerLimit(length),
  };
  const root: Root = { type: 'root', children: readBlocks(tree.children, page) };
  settleAnchors(root, page);
  return { root, page };
}

function write({ root, page }: ReadPage): Omit<ConvertedPage, 'hash'> {
  const { markdown, headings } = writeMarkdown(root);
  const { text, headingOffsets } = plainText(root);
  return {
    markdown,
    text,
    excerpt: excerpt(root),
    outline: outline(markdown, headings, headingOffsets),
    references: { accountIds: [...page.accountIds], includes: page.includes },
  };
}

/** The names that links of the page point to inside it. */
function linkedAnchors(tree: ElementNode): Set<string> {
  const names = new Set<string>();
  const visit = (node: ElementNode) => {
    const anchor = node.attributes['ac:anchor'];
    const href = node.attributes.href;
    if (anchor) names.add(anchor);
    if (href?.startsWith('#')) names.add(href.slice(1));
    for (const child of node.children) if (isElement(child)) visit(child);
  };
  visit(tree);
  return names;
}
