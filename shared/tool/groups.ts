/** The permission groups of an agent, in the order in which people see them. */
export const GROUPS = ['pages', 'spaces', 'search', 'attachments', 'users'] as const;

export type Group = (typeof GROUPS)[number];

/** A group is on (`read_only`) or off; there is no third level, because nothing here can write. */
export type GroupAccess = 'read_only' | 'disabled';

export type Groups = Readonly<Record<Group, GroupAccess>>;

export const PROFILES = ['read_only', 'search_only'] as const;

export type Profile = (typeof PROFILES)[number];

/** The groups of a profile: *Read Only* has all, *Search Only* finds pages but never reads a body. */
export function groupsOfProfile(profile: Profile): Groups {
  return groupsWith(profile === 'read_only' ? GROUPS : ['search']);
}

/** All groups, those named switched on. */
export function groupsWith(enabled: readonly Group[]): Groups {
  return Object.fromEntries(
    GROUPS.map((group) => [group, enabled.includes(group) ? 'read_only' : 'disabled']),
  ) as Groups;
}

/** The profile whose groups are exactly these; `undefined` when somebody chose groups of their own. */
export function profileOf(groups: Groups): Profile | undefined {
  return PROFILES.find((profile) => {
    const wanted = groupsOfProfile(profile);
    return GROUPS.every((group) => groups[group] === wanted[group]);
  });
}
