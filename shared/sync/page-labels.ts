import { AtlassianError } from '../atlassian/errors.ts';
import type { Gateway } from '../atlassian/gateway.ts';
import { getListPage } from '../atlassian/list.ts';
import { type ConfluenceLabel, labelSchema } from '../atlassian/schemas.ts';
import { labelNames } from '../index/labels.ts';
import type { PageHead } from '../index/page.ts';
import { patchHeads } from '../index/write.ts';
import { inParallel } from '../platform/bulk.ts';
import type { StepContext } from './step.ts';

/** Pages asked for their labels at the same time. */
const LANES = 4;

/**
 * A page's labels as the index keeps them. Costs 1 point and 1 a label. `undefined` when nothing can be said: the page is
 * not shown, or one of its labels has a form that we do not understand.
 */
async function getPageLabels(context: StepContext, pageId: string): Promise<string[] | undefined> {
  try {
    return await listLabels(context.gateway, pageId);
  } catch (error) {
    if (!(error instanceof AtlassianError && error.kind === 'not_found')) throw error;
  }
  // An expired token has been seen to answer 404.
  await context.freshToken();
  try {
    return await listLabels(context.gateway, pageId);
  } catch (error) {
    if (error instanceof AtlassianError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

async function listLabels(gateway: Gateway, pageId: string): Promise<string[] | undefined> {
  const labels: ConfluenceLabel[] = [];
  let cursor: string | undefined;
  do {
    const listed = await getListPage(
      gateway,
      `/wiki/api/v2/pages/${pageId}/labels`,
      { limit: 250, cursor },
      labelSchema,
    );
    if (listed.misfits.length > 0) return undefined;
    labels.push(...listed.items);
    cursor = listed.nextCursor;
  } while (cursor !== undefined);
  return labelNames(labels);
}

/** The labels of these pages, by page id; for one of which nothing can be said, the stored ones. */
export async function readPageLabels(
  context: StepContext,
  pageIds: readonly string[],
  heads: ReadonlyMap<string, PageHead>,
): Promise<Map<string, readonly string[]>> {
  const labels = new Map<string, readonly string[]>();
  await inParallel(pageIds, LANES, async (pageId) => {
    labels.set(pageId, (await getPageLabels(context, pageId)) ?? heads.get(pageId)?.labels ?? []);
  });
  return labels;
}

/** Asks for each page's own labels and stores what differs. Returns how many pages were changed. */
export async function refreshLabels(context: StepContext, heads: readonly PageHead[]): Promise<number> {
  const changes: { head: PageHead; set: { labels: readonly string[] } }[] = [];
  await inParallel(heads, LANES, async (head) => {
    const labels = await getPageLabels(context, head.pageId);
    if (labels && !sameLabels(labels, head.labels)) changes.push({ head, set: { labels } });
  });
  const refused = await patchHeads(context.deps, context.tenantId, changes);
  return changes.length - refused.length;
}

function sameLabels(a: readonly string[], b: readonly string[] | undefined): boolean {
  return a.length === b?.length && a.every((name, index) => name === b[index]);
}
