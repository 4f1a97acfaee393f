/** A listing that goes on: where, and how many items at a time since it last failed. */
export interface ListingCursor {
  readonly cursor?: string;
  readonly limit: number;
}

/** The spaces that a run lists together, and where in their listing it stands. */
export interface GroupCursor extends ListingCursor {
  /** At most 100, in the order of their ids. */
  readonly spaceIds: readonly string[];
  /** The last space taken into a group: the next group begins after it. */
  readonly takenUpTo: string;
  /** Spaces of a group that failed as a whole: listed one by one before the next group. */
  readonly singles: readonly string[];
  /** The highest page id seen in this group's listing, padded; the next must be greater. */
  readonly lastSortId: string;
  /** Whether the listing carries bodies. */
  readonly bodies: boolean;
  /** Spaces that could not be listed: nothing is concluded about their pages. */
  readonly unreadSpaceIds: readonly string[];
}

/** Where each step of a run stands. Every value is plain JSON and small: it is written after every API page. */
export interface Cursors {
  probe: null;
  spaces: ListingCursor & { readonly typeIndex: number };
  pages: GroupCursor | null;
  'unlisted-spaces': {
    /** Spaces up to this one are done. */
    readonly afterSpace: string;
    /** The space at hand and what its pages get: removal, or a question each. */
    readonly space?: { readonly spaceId: string; readonly verdict: 'remove' | 'ask' };
    readonly afterSortId: string;
    readonly unreadSpaceIds: readonly string[];
  };
  questions: { readonly afterSortId: string; readonly unreadSpaceIds: readonly string[] };
  removals: { readonly afterSortId: string; readonly doubted: boolean };
  'stale-parts': null;
  labels: ListingCursor;
  'label-pages': {
    readonly afterLabelId: string;
    readonly labelId?: string;
    readonly lastSortId: string;
  } & ListingCursor;
  'gone-labels': { readonly labelId: string; readonly afterSortId: string } | null;
  'page-labels': { readonly afterSortId: string };
  attachments: ListingCursor & {
    /** Everything stored that is newer has been compared. */
    readonly comparedTo?: string;
    /** Listed attachments as old as `comparedTo`: their stored twins come with the next API page. */
    readonly boundaryIds: readonly string[];
    /** Sorted by date; without it, absence cannot be told. */
    readonly sorted: boolean;
  };
  changes: (GroupCursor & { readonly since: string }) | null;
  authors: null;
  finish: null;
}

export type StepName = keyof Cursors;

/** A run's place in its work. */
export type Position = { [S in StepName]: { readonly step: S; readonly cursor: Cursors[S] } }[StepName];
