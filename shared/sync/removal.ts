import { removeAttachmentsOfPages } from '../index/attachments.ts';
import type { PageHead } from '../index/page.ts';
import { patchHeads, removePages } from '../index/write.ts';
import type { StepContext } from './step.ts';

/** Takes pages and their attachments out of the index. Returns how many pages; one that was just written stays. */
export async function removeFromIndex(context: StepContext, heads: readonly PageHead[]): Promise<number> {
  const { deps, tenantId, site } = context;
  const removedIds = await removePages(deps, tenantId, site.cloudId, heads);
  await removeAttachmentsOfPages(deps, tenantId, site.cloudId, removedIds);
  return removedIds.length;
}

/**
 * Pages whose absence is doubted: marked the first time, removed only when a later run, begun after the grace, misses
 * them again. The run that sets a mark never acts on it.
 */
export async function doubt(
  context: StepContext,
  heads: readonly PageHead[],
): Promise<{ removed: number; marked: number }> {
  const { deps, tenantId, run } = context;
  const graceMs = deps.settings.MISSING_GRACE_MINUTES * 60_000;
  const confirmed = (head: PageHead) =>
    head.missingSince !== undefined &&
    Date.parse(head.missingSince) < Date.parse(run.createdAt) &&
    Date.parse(head.missingSince) + graceMs <= Date.parse(run.createdAt);
  const removed = await removeFromIndex(context, heads.filter(confirmed));
  const unmarked = heads.filter((head) => head.missingSince === undefined);
  const missingSince = deps.now().toISOString();
  await patchHeads(
    deps,
    tenantId,
    unmarked.map((head) => ({ head, set: { missingSince } })),
  );
  return { removed, marked: unmarked.length };
}
