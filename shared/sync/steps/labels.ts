import { AtlassianError } from '../../atlassian/errors.ts';
import { getListPage } from '../../atlassian/list.ts';
import { labelSchema, pageSchema } from '../../atlassian/schemas.ts';
import { countPages, readHeads, readHeadsById } from '../../index/heads.ts';
import { countLabels, type LabelItem, putLabel, putLabels, readLabels, removeLabel } from '../../index/labels.ts';
import { type PageHead, sortIdOf } from '../../index/page.ts';
import { patchHeads } from '../../index/write.ts';
import { refreshLabels } from '../page-labels.ts';
import type { Cursors } from '../position.ts';
import { afterPass, misfitProblems, type Step, type StepContext } from '../step.ts';

/**
 * No listing of pages carries their labels, so the question is turned round: which pages carry this label? That costs
 * a request a label instead of one a page, unless a site has more labels than pages.
 */
export const labels: Step<'labels'> = async (context, cursor) => {
  const { deps, gateway, tenantId, site, run } = context;
  const listed = await getListPage(
    gateway,
    '/wiki/api/v2/labels',
    { prefix: ['global', 'team'], limit: cursor.limit, cursor: cursor.cursor },
    labelSchema,
  );
  await putLabels(deps, tenantId, site.cloudId, run.runId, listed.items);
  const more = listed.nextCursor !== undefined;
  return {
    position: more ? { step: 'labels', cursor: { ...cursor, cursor: listed.nextCursor } } : await cheaperWay(context),
    counts: { labels: listed.items.length, skipped: listed.misfits.length },
    problems: misfitProblems(context, 'label', listed.misfits),
  };
};

async function cheaperWay({ deps, tenantId, site, run }: StepContext) {
  const labelCount = await countLabels(deps, tenantId, site.cloudId, run.runId);
  return labelCount > (await countPages(deps, tenantId, site.cloudId))
    ? ({ step: 'page-labels', cursor: { afterSortId: '' } } as const)
    : ({ step: 'label-pages', cursor: START_OF_LABELS } as const);
}

const START_OF_LABELS: Cursors['label-pages'] = { afterLabelId: '', lastSortId: '', limit: 250 };

/** Lists one label's pages by id and merges them with the stored pages that carry it. */
export const labelPages: Step<'label-pages'> = async (context, cursor) => {
  const { deps, tenantId, site, run } = context;
  const query = { runId: run.runId, listed: true, afterSortId: cursor.afterLabelId, limit: 1 };
  const [label] = await readLabels(deps, tenantId, site.cloudId, query);
  if (!label) return { position: { step: 'gone-labels', cursor: null } };
  const listed = await listPagesOf(context, label, cursor);
  if (!listed) {
    // Gone since it was listed: its pages are asked for their own labels, like those of every label that is gone.
    await putLabel(deps, { ...label, listedIn: '' });
    return { position: { step: 'label-pages', cursor: { ...START_OF_LABELS, afterLabelId: label.sortId } } };
  }
  const ids = [...listed.items.map(({ id }) => id), ...listed.misfits.flatMap(({ id }) => (id ? [id] : []))];
  const lastSortId = assertAscending(
    ids.map(sortIdOf).sort(),
    listed.items.map(({ id }) => sortIdOf(id)),
    cursor.lastSortId,
  );
  const last = listed.nextCursor === undefined;
  await mergeLabel(context, label, ids, { afterSortId: cursor.lastSortId, toSortId: last ? undefined : lastSortId });
  return {
    position: {
      step: 'label-pages',
      cursor: last
        ? { ...START_OF_LABELS, afterLabelId: label.sortId }
        : { ...cursor, cursor: listed.nextCursor, lastSortId },
    },
    problems: misfitProblems(context, 'page', listed.misfits),
  };
};

/** One API page of a label's pages; `undefined` when Confluence, asked with a fresh token, does not know the label. */
async function listPagesOf(context: StepContext, { labelId }: LabelItem, { limit, cursor }: Cursors['label-pages']) {
  const path = `/wiki/api/v2/labels/${labelId}/pages`;
  const isUnknown = (error: unknown) => error instanceof AtlassianError && error.kind === 'not_found';
  const list = () => getListPage(context.gateway, path, { sort: 'id', limit, cursor }, pageSchema);
  try {
    return await list();
  } catch (error) {
    if (!isUnknown(error)) throw error;
  }
  await context.freshToken();
  return list().catch((error: unknown) => {
    if (isUnknown(error)) return undefined;
    throw error;
  });
}

async function mergeLabel(
  context: StepContext,
  label: LabelItem,
  listedIds: readonly string[],
  range: { afterSortId: string; toSortId: string | undefined },
): Promise<void> {
  const { deps, tenantId, site } = context;
  const listed = new Set(listedIds);
  const carrying = new Set<string>();
  const questioned: PageHead[] = [];
  const stored = readHeads(deps, { tenantId, cloudId: site.cloudId, label: label.name, ...range });
  for await (const heads of stored) {
    for (const head of heads) {
      carrying.add(head.pageId);
      if (!listed.has(head.pageId)) questioned.push(head);
    }
  }
  const lacking = await readHeadsById(
    deps,
    tenantId,
    site.cloudId,
    listedIds.filter((id) => !carrying.has(id)),
  );
  await patchHeads(
    deps,
    tenantId,
    [...lacking.values()]
      .filter((head) => head.deletedAt === undefined)
      .map((head) => ({ head, set: { labels: [...(head.labels ?? []), label.name].sort() } })),
  );
  // A page that the listing left out is asked for its own labels: a short listing must not strip labels.
  await refreshLabels(context, questioned);
}

/** Labels that are no longer listed: the pages that still carry one are asked for their own labels, 25 at a time. */
export const goneLabels: Step<'gone-labels'> = async (context, cursor) => {
  const { deps, tenantId, site, run } = context;
  const query = { runId: run.runId, listed: false, afterSortId: '', limit: 1 };
  const [label] = await readLabels(deps, tenantId, site.cloudId, query);
  if (!label) return { position: afterPass(run, 'labels') };
  const afterSortId = cursor?.labelId === label.labelId ? cursor.afterSortId : '';
  const range = { tenantId, cloudId: site.cloudId, label: label.name, afterSortId };
  const { value: heads } = await readHeads(deps, range, 25).next();
  if (!heads) {
    // Who still carries it was confirmed by Confluence: another label of that name, or nothing could be said.
    await removeLabel(deps, label);
    return { position: { step: 'gone-labels', cursor: null } };
  }
  await refreshLabels(context, heads);
  const lastSortId = heads.at(-1)?.sortId ?? afterSortId;
  return { position: { step: 'gone-labels', cursor: { labelId: label.labelId, afterSortId: lastSortId } } };
};

/** The other way round, for a site with more labels than pages: each page's own labels, 25 pages at a time. */
export const pageLabels: Step<'page-labels'> = async (context, cursor) => {
  const { deps, tenantId, site, run } = context;
  const range = { tenantId, cloudId: site.cloudId, afterSortId: cursor.afterSortId };
  const { value: heads } = await readHeads(deps, range, 25).next();
  if (!heads) return { position: afterPass(run, 'labels') };
  await refreshLabels(context, heads);
  return { position: { step: 'page-labels', cursor: { afterSortId: heads.at(-1)?.sortId ?? cursor.afterSortId } } };
};

function assertAscending(sorted: readonly string[], listed: readonly string[], lastSortId: string): string {
  let last = lastSortId;
  for (const sortId of listed) {
    if (sortId <= last) throw new AtlassianError('malformed', "a label's pages are not listed in the order of ids");
    last = sortId;
  }
  return sorted.at(-1) ?? lastSortId;
}
