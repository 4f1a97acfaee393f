import { AtlassianError } from '../atlassian/errors.ts';
import type { Gateway } from '../atlassian/gateway.ts';
import { getListPage } from '../atlassian/list.ts';
import { type ConfluenceLabel, labelSchema } from '../atlassian/schemas.ts';
import { labelNames } from '../index/labels.ts';
import type { PageHead } from '../index/page.ts';
import { patchHeads } from '../index/write.ts';
import type { StepContext } from './step.ts';

/** A page's labels as the index keeps them; `undefined` when the page is not shown. Costs 1 point and 1 a label. */
export async function getPageLabels(gateway: Gateway, pageId: string): Promise<string[] | undefined> {
  const labels: ConfluenceLabel[] = [];
  let cursor: string | undefined;
  try {
    do {
      const listed = await getListPage(
        gateway,
        `/wiki/api/v2/pages/${pageId}/labels`,
        { limit: 250, cursor },
        labelSchema,
      );
      labels.push(...listed.items);
      cursor = listed.nextCursor;
    } while (cursor !== undefined);
  } catch (error) {
    if (error instanceof AtlassianError && error.kind === 'not_found') return undefined;
    throw error;
  }
  return labelNames(labels);
}

/** Asks for each page's own labels and stores what differs. Returns how many pages were changed. */
export async function refreshLabels(context: StepContext, heads: readonly PageHead[]): Promise<number> {
  const changes: { head: PageHead; set: { labels: readonly string[] } }[] = [];
  for (const head of heads) {
    const labels = await getPageLabels(context.gateway, head.pageId);
    if (labels && !sameLabels(labels, head.labels)) changes.push({ head, set: { labels } });
  }
  const refused = await patchHeads(context.deps, context.tenantId, changes);
  return changes.length - refused.length;
}

export function sameLabels(a: readonly string[], b: readonly string[] | undefined): boolean {
  return a.length === b?.length && a.every((name, index) => name === b[index]);
}
