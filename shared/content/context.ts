import type { PageReference } from './links.ts';
import type { LinkTarget, Piece, Style } from './pieces.ts';
import type { ElementNode } from './tree.ts';

/** Where a body comes from; makes its links absolute. */
export interface SiteContext {
  /** With the context path and without a trailing slash: `https://acme.atlassian.net/wiki`. */
  readonly siteUrl: string;
  readonly spaceKey: string;
  readonly pageId: string;
}

export type ElementHandler = (element: ElementNode, style: Style, page: PageState, out: Piece[]) => void;

/** What the conversion of one page carries along. */
export interface PageState {
  readonly site: SiteContext;
  readonly elements: ReadonlyMap<string, ElementHandler>;
  readonly macros: ReadonlyMap<string, ElementHandler>;
  /** Names that links of this page point to: only these anchors are worth an element. */
  readonly linkedAnchors: ReadonlySet<string>;
  /** Links to anchors of this page, settled once its headings are known. */
  readonly anchorLinks: { target: LinkTarget; name: string }[];
  readonly anchors: Set<string>;
  readonly accountIds: Set<string>;
  readonly includes: PageReference[];
  /** How many Markdown containers (lists, quotes, tables) surround the current piece. */
  depth: number;
  /** A heading inside a heading is only text. */
  inHeading: boolean;
  readonly maxDepth: number;
}

/**
 * How many containers may be nested in a body of this size. Every container costs a copy of each line in it, so the depth
 * is what people read, and less for a body so large that copies would count; deeper content is kept without its container.
 */
export function containerLimit(bodyLength: number): number {
  return Math.max(4, Math.min(12, Math.floor(24_000_000 / Math.max(1, bodyLength))));
}

/** Reads something inside one more container. */
export function inContainer<T>(page: PageState, read: () => T): T {
  page.depth++;
  try {
    return read();
  } finally {
    page.depth--;
  }
}
