import { countPages, readHeads } from '../../index/heads.ts';
import type { PageHead } from '../../index/page.ts';
import { markSpaceMissing, removeSpace, type SpaceItem } from '../../index/spaces.ts';
import { askAbsent, getSpacesById, isSyncable } from '../ask-absent.ts';
import type { Cursors } from '../position.ts';
import { doubt, removeFromIndex } from '../removal.ts';
import type { Step, StepContext } from '../step.ts';
import { storePages } from '../store-pages.ts';

const MAX_IDS = 250;

/**
 * Goes through the stored spaces that this run did not list. Archived, excluded and unsynced ones lose their pages at
 * once. Of a space that Confluence does not show at all nobody knows whether it was deleted or only hidden from the
 * account, so each of its pages is asked for and, when absent, doubted.
 */
export const unlistedSpaces: Step<'unlisted-spaces'> = async (context, cursor) => {
  if (cursor.space) return workOn(context, cursor, cursor.space);
  const next = (await context.spaces()).find((space) => space.sortId > cursor.afterSpace && isUnlisted(context, space));
  if (!next) {
    const { unreadSpaceIds } = cursor;
    return { position: { step: 'questions', cursor: { afterSortId: '', unreadSpaceIds } } };
  }
  const verdict = await judge(context, next);
  const position = {
    step: 'unlisted-spaces',
    cursor:
      verdict === 'keep'
        ? { ...cursor, afterSpace: next.sortId }
        : { ...cursor, space: { spaceId: next.spaceId, verdict }, afterSortId: '' },
  } as const;
  return { position };
};

function isUnlisted({ connection, run }: StepContext, space: SpaceItem): boolean {
  return space.listedIn !== run.runId || connection.excludedKeys.includes(space.key);
}

async function judge(context: StepContext, space: SpaceItem): Promise<'keep' | 'remove' | 'ask'> {
  if (context.connection.excludedKeys.includes(space.key)) return 'remove';
  await context.freshToken();
  const { items, misfits } = await getSpacesById(context, [space.spaceId]);
  const [found] = items;
  // Shown now although the listing left it out: it was created or came back in between; the next run lists it.
  if (found) return isSyncable(context, found) ? 'keep' : 'remove';
  // Shown in a form that we do not understand: it is there.
  if (misfits.length > 0) return 'keep';
  await markSpaceMissing(context.deps, space, context.deps.now().toISOString());
  return 'ask';
}

async function workOn(
  context: StepContext,
  cursor: Cursors['unlisted-spaces'],
  { spaceId, verdict }: NonNullable<Cursors['unlisted-spaces']['space']>,
) {
  const { deps, tenantId, site } = context;
  const range = { tenantId, cloudId: site.cloudId, spaceIds: [spaceId], afterSortId: cursor.afterSortId };
  const { value: heads } = await readHeads(deps, range, MAX_IDS).next();
  if (!heads) return leaveSpace(context, cursor, spaceId);
  const afterSortId = heads.at(-1)?.sortId ?? cursor.afterSortId;
  const position = { step: 'unlisted-spaces', cursor: { ...cursor, afterSortId } } as const;
  if (verdict === 'remove') return { position, counts: { removed: await removeFromIndex(context, heads) } };
  return { position, ...(await askAndDecide(context, heads)) };
}

async function askAndDecide(context: StepContext, heads: readonly PageHead[]) {
  await context.freshToken();
  const byId = new Map(heads.map((head) => [head.pageId, head]));
  const { current, goneIds, absentIds } = await askAbsent(context, [...byId.keys()]);
  const stored = await storePages(context, current, byId);
  const removed = await removeFromIndex(
    context,
    heads.filter(({ pageId }) => goneIds.has(pageId)),
  );
  const doubted = await doubt(
    context,
    heads.filter(({ pageId }) => absentIds.includes(pageId)),
  );
  return { counts: { ...stored.counts, removed: removed + doubted.removed }, problems: stored.problems };
}

/** A space leaves the list when none of its pages is left; an excluded one stays, so that it can be switched on again. */
async function leaveSpace(context: StepContext, cursor: Cursors['unlisted-spaces'], spaceId: string) {
  const { deps, tenantId, site, connection } = context;
  const space = (await context.spaces()).find((candidate) => candidate.spaceId === spaceId);
  if (space && !connection.excludedKeys.includes(space.key)) {
    if ((await countPages(deps, tenantId, site.cloudId, spaceId)) === 0) await removeSpace(deps, space);
    context.forgetSpaces();
  }
  const { space: _done, ...rest } = cursor;
  const afterSpace = space?.sortId ?? cursor.afterSpace;
  return { position: { step: 'unlisted-spaces', cursor: { ...rest, afterSpace, afterSortId: '' } } as const };
}
