import { countMarked, countPages, readMarkedHeads } from '../../index/heads.ts';
import type { PageHead } from '../../index/page.ts';
import { patchHeads } from '../../index/write.ts';
import { askAbsent } from '../ask-absent.ts';
import { doubt, removeFromIndex } from '../removal.ts';
import { problem, type Step, type StepContext } from '../step.ts';
import { storePages } from '../store-pages.ts';

/** Pages asked about in one request. */
const MAX_IDS = 250;

/** More absent pages than both of these are doubted: a lost permission looks exactly like a mass deletion. */
const DOUBTED_PAGES = 10;
const DOUBTED_PART = 0.1;

/**
 * Asks for the pages that the listings did not show, with a fresh token. Found ones are kept and brought up to date,
 * trashed and archived ones removed. The ones absent here too are marked and counted, because how many they are decides
 * what their absence means.
 */
export const questions: Step<'questions'> = async (context, cursor) => {
  const { deps, tenantId, site, run } = context;
  const heads = await readMarkedHeads(deps, tenantId, site.cloudId, run.runId, cursor.afterSortId, MAX_IDS);
  if (heads.length === 0) return { position: await decideRemovals(context) };
  const afterSortId = heads.at(-1)?.sortId ?? cursor.afterSortId;

  const unread = new Set(heads.filter(({ spaceId }) => cursor.unreadSpaceIds.includes(spaceId)));
  const asked = new Map(heads.filter((head) => !unread.has(head)).map((head) => [head.pageId, head]));
  await context.freshToken();
  const answers = asked.size > 0 ? await askAbsent(context, [...asked.keys()]) : undefined;
  const stored = await storePages(context, answers?.current ?? [], asked);
  const removed = await removeFromIndex(
    context,
    heads.filter(({ pageId }) => answers?.goneIds.has(pageId)),
  );
  const absentIds = new Set(answers?.absentIds);
  const left = heads.filter(({ pageId }) => !answers?.goneIds.has(pageId) && !stored.writtenIds.includes(pageId));
  await patchHeads(
    deps,
    tenantId,
    left.map((head) =>
      absentIds.has(head.pageId)
        ? { head, set: { absentIn: absentMark(context) } }
        : { head, set: {}, unset: marksToTakeOff(head, unread.has(head)) },
    ),
  );
  return {
    position: { step: 'questions', cursor: { ...cursor, afterSortId } },
    counts: { ...stored.counts, removed },
    problems: stored.problems,
  };
};

/** The mark of pages that this run has asked for in vain. A question alone never removes a page. */
function absentMark({ run }: StepContext): string {
  return `absent:${run.runId}`;
}

/** Nothing was learnt about the pages of a space that could not be read: only the question is taken back. */
function marksToTakeOff(head: PageHead, isUnread: boolean): string[] {
  return head.missingSince === undefined || isUnread ? ['absentIn'] : ['absentIn', 'missingSince'];
}

async function decideRemovals(context: StepContext) {
  const { deps, tenantId, site } = context;
  const absent = await countMarked(deps, tenantId, site.cloudId, absentMark(context));
  if (absent === 0) return { step: 'stale-parts', cursor: null } as const;
  const total = await countPages(deps, tenantId, site.cloudId);
  const doubted = absent > DOUBTED_PAGES && absent > total * DOUBTED_PART;
  return { step: 'removals', cursor: { afterSortId: '', doubted } } as const;
}

/** Removes the pages that are absent everywhere, at once when they are few, otherwise after a later run agrees. */
export const removals: Step<'removals'> = async (context, cursor) => {
  const { deps, tenantId, site } = context;
  const mark = absentMark(context);
  const heads = await readMarkedHeads(deps, tenantId, site.cloudId, mark, cursor.afterSortId, MAX_IDS);
  if (heads.length === 0) return { position: { step: 'stale-parts', cursor: null } };
  const position = {
    step: 'removals',
    cursor: { ...cursor, afterSortId: heads.at(-1)?.sortId ?? cursor.afterSortId },
  } as const;
  if (!cursor.doubted) return { position, counts: { removed: await removeFromIndex(context, heads) } };
  const { removed, marked } = await doubt(context, heads);
  return {
    position,
    counts: { removed },
    problems:
      marked === 0
        ? []
        : [
            problem(
              context,
              'mass_absence',
              `${marked} pages are not shown any more; they stay until a later run confirms that they are gone`,
            ),
          ],
  };
};
