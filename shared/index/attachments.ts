import type { OperationInput } from '@azure/cosmos';
import { runBulk } from '../platform/bulk.ts';
import type { Deps } from '../platform/deps.ts';
import { fetchAll, fetchPages } from '../platform/query.ts';
import type { AttachmentItem } from './page.ts';

type IndexDeps = Pick<Deps, 'pages'>;

export type StoredAttachment = AttachmentItem & { readonly _etag: string };

export function attachmentItemId(cloudId: string, attachmentId: string): string {
  return `${cloudId}:${attachmentId}`;
}

/** Writes attachments as they were just listed; their metadata has no history, so the last listing wins. */
export async function putAttachments(deps: IndexDeps, attachments: readonly AttachmentItem[]): Promise<void> {
  await runBulk(
    deps.pages,
    attachments.map(
      (attachment): OperationInput => ({
        operationType: 'Upsert',
        partitionKey: attachment.tenantId,
        resourceBody: { ...attachment },
      }),
    ),
  );
}

/** Deletes attachments that are gone. Safe to repeat. */
export async function removeAttachments(
  deps: IndexDeps,
  tenantId: string,
  attachments: readonly Pick<AttachmentItem, 'id'>[],
): Promise<void> {
  await runBulk(
    deps.pages,
    attachments.map(({ id }): OperationInput => ({ operationType: 'Delete', id, partitionKey: tenantId })),
  );
}

/** The stored attachments among these ids. */
export async function readAttachmentsById(
  deps: IndexDeps,
  tenantId: string,
  cloudId: string,
  attachmentIds: readonly string[],
): Promise<Map<string, StoredAttachment>> {
  if (attachmentIds.length === 0) return new Map();
  const rows = await fetchAll<StoredAttachment>(deps.pages, tenantId, {
    select: '*',
    where: 'c.type = "attachment" AND c.cloudId = @cloudId AND ARRAY_CONTAINS(@ids, c.id)',
    parameters: { cloudId, ids: attachmentIds.map((id) => attachmentItemId(cloudId, id)) },
  });
  return new Map(rows.map((row) => [row.attachmentId, row]));
}

/** Stored attachments by date, newest first, strictly newer than `after` and not newer than `upTo`. */
export function readAttachmentsByDate(
  deps: IndexDeps,
  range: { tenantId: string; cloudId: string; upTo?: string | undefined; after?: string | undefined },
): AsyncGenerator<StoredAttachment[]> {
  return fetchPages<StoredAttachment>(deps.pages, range.tenantId, {
    select: '*',
    where: [
      'c.type = "attachment"',
      'c.cloudId = @cloudId',
      ...(range.upTo === undefined ? [] : ['c.modifiedAt <= @upTo']),
      ...(range.after === undefined ? [] : ['c.modifiedAt > @after']),
    ].join(' AND '),
    parameters: {
      cloudId: range.cloudId,
      ...(range.upTo === undefined ? {} : { upTo: range.upTo }),
      ...(range.after === undefined ? {} : { after: range.after }),
    },
    tail: 'ORDER BY c.modifiedAt DESC',
  });
}

/** A page's attachments by file name. */
export async function readPageAttachments(
  deps: IndexDeps,
  tenantId: string,
  cloudId: string,
  pageId: string,
): Promise<AttachmentItem[]> {
  const rows = await fetchAll<AttachmentItem>(deps.pages, tenantId, {
    select: '*',
    where: 'c.type = "attachment" AND c.cloudId = @cloudId AND c.pageId = @pageId',
    parameters: { cloudId, pageId },
  });
  return rows.sort((a, b) => a.fileName.localeCompare(b.fileName));
}

/** Deletes the attachments of removed pages. */
export async function removeAttachmentsOfPages(
  deps: IndexDeps,
  tenantId: string,
  cloudId: string,
  pageIds: readonly string[],
): Promise<void> {
  if (pageIds.length === 0) return;
  const rows = await fetchAll<Pick<AttachmentItem, 'id'>>(deps.pages, tenantId, {
    select: 'c.id',
    where: 'c.type = "attachment" AND c.cloudId = @cloudId AND ARRAY_CONTAINS(@pageIds, c.pageId)',
    parameters: { cloudId, pageIds },
  });
  await removeAttachments(deps, tenantId, rows);
}

/** How many attachments the tenant has of this site. */
export async function countAttachments(deps: IndexDeps, tenantId: string, cloudId: string): Promise<number> {
  const [count] = await fetchAll<number>(deps.pages, tenantId, {
    select: 'VALUE COUNT(1)',
    where: 'c.type = "attachment" AND c.cloudId = @cloudId',
    parameters: { cloudId },
  });
  return count ?? 0;
}
