import { countPages, readAbsentHeads } from '../../index/heads.ts';
import { patchHeads } from '../../index/write.ts';
import { askAbsent } from '../ask-absent.ts';
import { doubt, removeFromIndex } from '../removal.ts';
import { problem, type Step } from '../step.ts';
import { storePages } from '../store-pages.ts';

/** Pages asked about in one request. */
const MAX_IDS = 250;

/** More absent pages than both of these are doubted: a lost permission looks exactly like a mass deletion. */
const DOUBTED_PAGES = 10;
const DOUBTED_PART = 0.1;

/**
 * Asks for the pages that the listings did not show, with a fresh token. Found ones are kept and brought up to date,
 * trashed and archived ones removed; the ones absent here too are only counted, because how many they are decides what
 * their absence means.
 */
export const questions: Step<'questions'> = async (context, cursor) => {
  const { deps, tenantId, site, run } = context;
  const heads = await readAbsentHeads(deps, tenantId, site.cloudId, run.runId, cursor.afterSortId, MAX_IDS);
  if (heads.length === 0) return { position: await decideRemovals(context, cursor.absent) };
  const afterSortId = heads.at(-1)?.sortId ?? cursor.afterSortId;

  const unread = heads.filter(({ spaceId }) => cursor.unreadSpaceIds.includes(spaceId));
  const asked = new Map(heads.filter((head) => !unread.includes(head)).map((head) => [head.pageId, head]));
  await context.freshToken();
  const answers = asked.size > 0 ? await askAbsent(context, [...asked.keys()]) : undefined;
  const stored = await storePages(context, answers?.current ?? [], asked);
  const removed = await removeFromIndex(
    context,
    heads.filter(({ pageId }) => answers?.goneIds.has(pageId)),
  );
  const absentIds = new Set(answers?.absentIds);
  const kept = heads.filter(
    ({ pageId }) => !absentIds.has(pageId) && !answers?.goneIds.has(pageId) && !stored.writtenIds.includes(pageId),
  );
  await patchHeads(
    deps,
    tenantId,
    kept.map((head) => ({
      head,
      set: {},
      // Nothing was learnt about the pages of a space that could not be read: only the question is taken back.
      unset: head.missingSince === undefined || unread.includes(head) ? ['absentIn'] : ['absentIn', 'missingSince'],
    })),
  );
  return {
    position: { step: 'questions', cursor: { ...cursor, afterSortId, absent: cursor.absent + absentIds.size } },
    counts: { ...stored.counts, removed },
    problems: stored.problems,
  };
};

async function decideRemovals({ deps, tenantId, site }: Parameters<Step<'questions'>>[0], absent: number) {
  if (absent === 0) return { step: 'stale-parts', cursor: null } as const;
  const total = await countPages(deps, tenantId, site.cloudId);
  const doubted = absent > DOUBTED_PAGES && absent > total * DOUBTED_PART;
  return { step: 'removals', cursor: { afterSortId: '', doubted } } as const;
}

/** Removes the pages that are absent everywhere, at once when they are few, otherwise after a later run agrees. */
export const removals: Step<'removals'> = async (context, cursor) => {
  const { deps, tenantId, site, run } = context;
  const heads = await readAbsentHeads(deps, tenantId, site.cloudId, run.runId, cursor.afterSortId, MAX_IDS);
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
