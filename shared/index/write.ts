import type { JSONObject, OperationInput } from '@azure/cosmos';
import { runBulk } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { hasStatus } from '../platform/items.ts';
import { readHeadsById } from './heads.ts';
import { type PageHead, type PageItem, pageItemId, type TombstoneItem } from './page.ts';
import { expireParts, type PartItem, type PartsRef, splitPage } from './parts.ts';

type IndexDeps = Pick<Deps, 'pages' | 'now'>;

/** A page as converted from Confluence. Labels are left out when they were not asked for: the stored ones stay. */
export type NewPage = Omit<PageItem, 'labels' | 'indexedAt' | 'staleParts'> & {
  readonly labels?: readonly string[];
};

const TOMBSTONE_TTL_SECONDS = 30 * 24 * 3600;
const MAX_CONFLICTS = 6;

/**
 * Writes pages, each on its own. The order of versions is their date: a version's number is no order, because deleting
 * an old version renumbers the rest. A page is refused only when a newer date is stored; a tombstone yields always,
 * since Confluence just showed the page as current.
 *
 * @param known heads that the caller has just read, to save reading them again
 * @returns the ids that were written
 */
export async function putPages(
  deps: IndexDeps,
  tenantId: string,
  cloudId: string,
  pages: readonly NewPage[],
  known?: ReadonlyMap<string, PageHead>,
): Promise<string[]> {
  let heads = known ?? (await readHeadsById(deps, tenantId, cloudId, idsOf(pages)));
  await settleLeftParts(deps, tenantId, pages, heads);
  const split = pages.map(splitPage);
  // Parts first: the head that names them is switched after them, so nobody ever sees half a page.
  await runBulk(
    deps.pages,
    split.flatMap(({ parts }) => parts.map(upsert)),
  );
  let left = split.map(({ head }) => head);
  const written: string[] = [];
  for (let round = 0; left.length > 0; round++) {
    if (round === MAX_CONFLICTS) throw new Error(`${left.length} pages were changed by somebody else at every attempt`);
    const wanted = left.filter((head) => !isOlder(head, heads.get(head.pageId)));
    const outcomes = await runBulk(
      deps.pages,
      wanted.map((head) => headOperation(head, heads.get(head.pageId), deps.now())),
    );
    const settled = wanted.filter((_, index) => (outcomes[index]?.status ?? 500) < 300);
    for (const head of settled) await expireReplaced(deps, head, heads.get(head.pageId));
    written.push(...idsOf(settled));
    // The rest was created, changed or removed since its head was read: look again and decide again.
    left = wanted.filter((head) => !settled.includes(head));
    if (left.length > 0) heads = await readHeadsById(deps, tenantId, cloudId, idsOf(left));
  }
  return written;
}

/** A crash left a head with the parts of the version before last: once the head is replaced nobody would know of them. */
async function settleLeftParts(
  deps: IndexDeps,
  tenantId: string,
  pages: readonly NewPage[],
  heads: ReadonlyMap<string, PageHead>,
): Promise<void> {
  for (const { pageId, id } of pages) {
    const left = heads.get(pageId)?.staleParts;
    if (left) await expireParts(deps, tenantId, id, left);
  }
}

/**
 * Replaces pages by tombstones; a page that was written meanwhile stays. Their parts expire.
 *
 * @returns the ids of the pages that are removed
 */
export async function removePages(
  deps: IndexDeps,
  tenantId: string,
  cloudId: string,
  heads: readonly PageHead[],
): Promise<string[]> {
  const outcomes = await runBulk(
    deps.pages,
    heads.map(
      (head): OperationInput => ({
        operationType: 'Replace',
        id: head.id,
        partitionKey: tenantId,
        ifMatch: head._etag,
        resourceBody: { ...tombstone(tenantId, cloudId, head, deps.now()) } as unknown as JSONObject,
      }),
    ),
  );
  const refused = heads.filter((_, index) => (outcomes[index]?.status ?? 500) >= 300);
  // A write whose answer was lost is refused when it is sent again: it has been done all the same.
  const now = await readHeadsById(deps, tenantId, cloudId, idsOf(refused));
  const stays = new Set(idsOf(refused).filter((pageId) => now.get(pageId)?.deletedAt === undefined));
  const removed = heads.filter(({ pageId }) => !stays.has(pageId));
  for (const { id, parts, staleParts } of removed) {
    if (staleParts) await expireParts(deps, tenantId, id, staleParts);
    if (parts) await settleStaleParts(deps, tenantId, id, parts);
  }
  return idsOf(removed);
}

/** Sets or removes members of live pages without touching the rest; a page that was written meanwhile is left alone. */
export async function patchHeads(
  deps: IndexDeps,
  tenantId: string,
  changes: readonly {
    head: PageHead;
    set: Partial<Pick<PageItem, 'labels' | 'missingSince' | 'absentIn'>>;
    unset?: string[];
  }[],
): Promise<PageHead[]> {
  const outcomes = await runBulk(
    deps.pages,
    changes.map(
      ({ head, set, unset = [] }): OperationInput => ({
        operationType: 'Patch',
        id: head.id,
        partitionKey: tenantId,
        ifMatch: head._etag,
        resourceBody: {
          operations: [
            ...Object.entries(set).map(([name, value]) => ({ op: 'set' as const, path: `/${name}`, value })),
            ...unset.map((name) => ({ op: 'remove' as const, path: `/${name}` })),
          ],
        },
      }),
    ),
  );
  return changes.filter((_, index) => (outcomes[index]?.status ?? 500) >= 300).map(({ head }) => head);
}

function upsert(part: PartItem): OperationInput {
  return { operationType: 'Upsert', partitionKey: part.tenantId, resourceBody: { ...part } };
}

function headOperation(head: NewPage, stored: PageHead | undefined, now: Date): OperationInput {
  const staleParts = replacedParts(head, stored);
  const resourceBody = {
    ...head,
    labels: head.labels ?? stored?.labels ?? [],
    indexedAt: now.toISOString(),
    ...(staleParts ? { staleParts } : {}),
  } as unknown as JSONObject;
  if (!stored) return { operationType: 'Create', partitionKey: head.tenantId, resourceBody };
  return { operationType: 'Replace', id: head.id, partitionKey: head.tenantId, ifMatch: stored._etag, resourceBody };
}

function replacedParts(head: NewPage, stored: PageHead | undefined): PartsRef | undefined {
  return stored?.parts && stored.parts.key !== head.parts?.key ? stored.parts : undefined;
}

/** After the switch. A crash before it leaves `staleParts` on the head, which the next full sync finds. */
async function expireReplaced(deps: IndexDeps, head: NewPage, stored: PageHead | undefined): Promise<void> {
  const replaced = replacedParts(head, stored);
  if (replaced) await settleStaleParts(deps, head.tenantId, head.id, replaced);
}

/** Lets replaced parts expire and takes the mark off the head. Safe to repeat. */
export async function settleStaleParts(
  deps: IndexDeps,
  tenantId: string,
  headId: string,
  staleParts: PartsRef,
): Promise<void> {
  await expireParts(deps, tenantId, headId, staleParts);
  const condition = `FROM c WHERE c.staleParts.key = ${JSON.stringify(staleParts.key)}`;
  try {
    await deps.pages.item(headId, tenantId).patch({ condition, operations: [{ op: 'remove', path: '/staleParts' }] });
  } catch (error) {
    // Another writer replaced the head and took the mark with it.
    if (!hasStatus(error, 400, 404, 412)) throw error;
  }
}

function isOlder(page: NewPage, stored: PageHead | undefined): boolean {
  if (!stored || stored.deletedAt) return false;
  return Date.parse(page.version.createdAt) < Date.parse(stored.version.createdAt);
}

function tombstone(tenantId: string, cloudId: string, head: PageHead, now: Date): TombstoneItem {
  return {
    id: pageItemId(cloudId, head.pageId),
    tenantId,
    type: 'page',
    cloudId,
    pageId: head.pageId,
    sortId: head.sortId,
    spaceId: head.spaceId,
    version: head.version,
    deletedAt: now.toISOString(),
    ...(head.parts ? { staleParts: head.parts } : {}),
    ttl: TOMBSTONE_TTL_SECONDS,
  };
}

function idsOf(pages: readonly Pick<PageHead, 'pageId'>[]): string[] {
  return pages.map(({ pageId }) => pageId);
}
