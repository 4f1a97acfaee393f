import type { GroupCursor } from '../position.ts';
import type { StepContext } from '../step.ts';
import { isSynced } from '../synced-spaces.ts';

/** REST v2 takes at most this many space ids in one listing. */
const MAX_SPACES = 100;

export const FULL_LIMIT = 250;

/** Below this many pages with bodies at a time, listing without bodies and fetching them by id isolates a bad page. */
export const SMALLEST_WITH_BODIES = 8;

/**
 * The next spaces to list together: the rest of a group that failed as a whole, one by one, then the next hundred in
 * the order of their ids. `undefined` when all are done.
 */
export async function nextGroup(
  context: StepContext,
  group: GroupCursor | undefined,
  start: { limit: number; bodies: boolean },
): Promise<GroupCursor | undefined> {
  const [single, ...singles] = group?.singles ?? [];
  const takenUpTo = group?.takenUpTo ?? '';
  const base = { ...start, lastSortId: '', unreadSpaceIds: group?.unreadSpaceIds ?? [] };
  if (single !== undefined) return { ...base, spaceIds: [single], singles, takenUpTo };

  const spaces = (await context.spaces())
    .filter((space) => isSynced(context, space) && space.sortId > takenUpTo)
    .slice(0, MAX_SPACES);
  const last = spaces.at(-1);
  if (!last) return undefined;
  return { ...base, spaceIds: spaces.map(({ spaceId }) => spaceId), singles: [], takenUpTo: last.sortId };
}

/** Lists a failed group's spaces one by one; a single space that fails is left out and nothing concluded about it. */
export function splitGroup(group: GroupCursor): GroupCursor {
  const restart = { limit: FULL_LIMIT, lastSortId: '', takenUpTo: group.takenUpTo, bodies: group.bodies };
  if (group.spaceIds.length === 1) {
    const [single, ...singles] = group.singles;
    return {
      ...restart,
      spaceIds: single === undefined ? [] : [single],
      singles,
      unreadSpaceIds: [...group.unreadSpaceIds, ...group.spaceIds],
    };
  }
  const [first, ...rest] = group.spaceIds;
  return {
    ...restart,
    spaceIds: first === undefined ? [] : [first],
    singles: [...rest, ...group.singles],
    unreadSpaceIds: group.unreadSpaceIds,
  };
}
