import type { PartsRef } from './parts.ts';

/** One level of a page's outline: a heading and where its section begins. */
export interface Section {
  readonly level: number;
  readonly text: string;
  /** The heading's fragment in `body`. */
  readonly anchor: string;
  /** Where the heading's line begins in the page's whole plain text. */
  readonly textOffset: number;
}

/**
 * A page as it stands in the container `pages`. Names of people are not in it: `authorId`, mentions and includes are
 * references, resolved when somebody reads.
 */
export interface PageItem {
  /** `{cloudId}:{pageId}`: Confluence's ids are unique per site only. */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'page';
  readonly cloudId: string;
  readonly pageId: string;
  /** `pageId` padded with zeros, so that text order is Confluence's `sort=id`. */
  readonly sortId: string;
  readonly spaceId: string;
  readonly spaceKey: string;
  readonly title: string;
  readonly titleLower: string;
  readonly url: string;
  readonly parentId: string | null;
  readonly parentType: string | null;
  readonly status: string;
  readonly version: { readonly number: number; readonly createdAt: string };
  readonly authorId: string | null;
  readonly lastModifiedById: string | null;
  readonly createdAt: string;
  /** When the current version was made: `version.createdAt`. */
  readonly lastModifiedAt: string;
  /** Prefixes global and team; `my` labels are private and never stored. Sorted. */
  readonly labels: readonly string[];
  /** Markdown with references; in parts when `parts` says so. */
  readonly body: string;
  /** Plain text for search. */
  readonly text: string;
  readonly excerpt: string;
  /** Codes, names and beginnings of the title's words for search (`search/search-keys.ts`). */
  readonly searchKeys: string;
  readonly sections: readonly Section[];
  readonly contentHash: string;
  /** Body and text stand in items of their own (`parts.ts`). */
  readonly parts?: PartsRef;
  /** Parts of the version before, until they have been told to expire. */
  readonly staleParts?: PartsRef;
  /**
   * A question: the id of the run whose listing did not show this page. Once that run has asked, with a fresh token, and
   * Confluence did not show the page either, `absent:{runId}`: only pages with that mark are ever removed for absence.
   */
  readonly absentIn?: string;
  readonly indexedAt: string;
  /** Absent from a listing since then, in doubt: not deleted before a later run confirms it. */
  readonly missingSince?: string;
}

/** What stays of a removed page for a while, so that a late writer sees that it is gone. */
export interface TombstoneItem {
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'page';
  readonly cloudId: string;
  readonly pageId: string;
  readonly sortId: string;
  readonly spaceId: string;
  readonly version: { readonly number: number; readonly createdAt: string };
  readonly deletedAt: string;
  /** Parts of the removed page, until they have been told to expire. */
  readonly staleParts?: PartsRef;
  readonly ttl: number;
}

/** What a sync compares of a stored page, or of its tombstone, without reading its body. */
export interface PageHead {
  readonly id: string;
  readonly pageId: string;
  readonly sortId: string;
  readonly spaceId: string;
  readonly spaceKey?: string;
  readonly version: { readonly number: number; readonly createdAt: string };
  readonly title?: string;
  readonly parentId?: string | null;
  readonly status?: string;
  readonly labels?: readonly string[];
  readonly missingSince?: string;
  readonly absentIn?: string;
  readonly parts?: PartsRef;
  readonly staleParts?: PartsRef;
  readonly deletedAt?: string;
  readonly _etag: string;
}

/** A page's attachment: metadata only. */
export interface AttachmentItem {
  /** `{cloudId}:{attachmentId}` */
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'attachment';
  readonly cloudId: string;
  readonly attachmentId: string;
  readonly pageId: string;
  readonly fileName: string;
  readonly mediaType: string | null;
  readonly sizeBytes: number | null;
  readonly url: string;
  readonly modifiedAt: string;
  readonly indexedAt: string;
}

export function pageItemId(cloudId: string, pageId: string): string {
  return `${cloudId}:${pageId}`;
}

/** Pads a numeric id to 20 digits: ids compare as text then. */
export function sortIdOf(id: string): string {
  return id.padStart(20, '0');
}
