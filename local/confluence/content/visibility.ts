/** Through whose eyes content is seen. */
export interface Viewer {
  readonly site: number;
  readonly accountId: string;
}

export interface Condition {
  readonly where: string[];
  readonly values: (string | number)[];
}

/**
 * Content rows (alias `c`) that this viewer may see: not in a hidden space or one blocked for apps, not restricted to
 * others. Restrictions are inherited; `visibleTo` holds the effective list.
 */
export function visibleContent(viewer: Viewer): Condition {
  return {
    where: [
      'c.site = ?',
      'c.spaceId NOT IN (SELECT id FROM space WHERE site = ? AND (hidden = 1 OR blocked = 1))',
      '(c.visibleTo IS NULL OR instr(c.visibleTo, ?) > 0)',
    ],
    values: [viewer.site, viewer.site, viewer.accountId],
  };
}

/** Spaces (alias `s`) that this viewer may see. An app policy hides content, not the space itself. */
export function visibleSpaces(viewer: Viewer): Condition {
  return { where: ['s.site = ?', 's.hidden = 0'], values: [viewer.site] };
}
