import { AtlassianError } from '../../atlassian/errors.ts';
import { getListPage, type ListPage } from '../../atlassian/list.ts';
import { attachmentSchema, type ConfluenceAttachment } from '../../atlassian/schemas.ts';
import {
  attachmentItemId,
  putAttachments,
  readAttachmentsByDate,
  readAttachmentsById,
  removeAttachments,
  type StoredAttachment,
} from '../../index/attachments.ts';
import { readHeadsById } from '../../index/heads.ts';
import type { AttachmentItem } from '../../index/page.ts';
import type { Cursors } from '../position.ts';
import { afterPass, misfitProblems, type Step, type StepContext } from '../step.ts';

/**
 * Lists the whole site's attachments, newest first, and merges them with the stored ones of the same stretch of time.
 * A stored one that the stretch does not show is asked for by its id before it is removed.
 */
export const attachments: Step<'attachments'> = async (context, cursor) => {
  const listed = await getListPage(
    context.gateway,
    '/wiki/api/v2/attachments',
    {
      status: 'current',
      limit: cursor.limit,
      cursor: cursor.cursor,
      ...(cursor.sorted ? { sort: '-modified-date' } : {}),
    },
    attachmentSchema,
  );
  const written = await storeListed(context, listed.items);
  const next = cursor.sorted ? await compareStretch(context, cursor, listed) : cursor;
  return {
    position:
      listed.nextCursor === undefined
        ? afterPass(context.run, 'attachments')
        : { step: 'attachments', cursor: { ...next, cursor: listed.nextCursor } },
    counts: { attachments: written, skipped: listed.misfits.length },
    problems: misfitProblems(context, 'attachment', listed.misfits),
  };
};

/** Keeps the attachments of indexed pages; the listing knows no filter by space. Returns how many it keeps. */
async function storeListed(context: StepContext, items: readonly ConfluenceAttachment[]): Promise<number> {
  const { deps, tenantId, site } = context;
  const pageIds = [...new Set(items.flatMap(({ pageId }) => (pageId ? [pageId] : [])))];
  const heads = await readHeadsById(deps, tenantId, site.cloudId, pageIds);
  const kept = items
    .filter(({ pageId }) => pageId && heads.get(pageId)?.deletedAt === undefined && heads.has(pageId))
    .map((attachment) => attachmentItem(context, attachment));
  const stored = await readAttachmentsById(
    deps,
    tenantId,
    site.cloudId,
    kept.map(({ attachmentId }) => attachmentId),
  );
  await putAttachments(
    deps,
    kept.filter((attachment) => isChanged(attachment, stored.get(attachment.attachmentId))),
  );
  return kept.length;
}

/**
 * Finds stored attachments that the listing should have shown. Those exactly as old as the last one listed may still
 * come with the next API page, so a stretch ends before them.
 */
async function compareStretch(
  context: StepContext,
  cursor: Cursors['attachments'],
  listed: ListPage<ConfluenceAttachment>,
): Promise<Cursors['attachments']> {
  const { deps, tenantId, site } = context;
  const last = listed.nextCursor === undefined;
  const oldest = listed.items.at(-1);
  if (!last && !oldest) return cursor;
  assertDescending(listed.items, cursor.comparedTo);
  const end = last ? undefined : modifiedAt(oldest);
  // An item that could not be understood may be any of the stored ones: it counts as seen by its id.
  const seen = new Set([
    ...cursor.boundaryIds,
    ...listed.items.map(({ id }) => id),
    ...listed.misfits.flatMap(({ id }) => (id ? [id] : [])),
  ]);
  const range = { tenantId, cloudId: site.cloudId, upTo: cursor.comparedTo, after: end };
  for await (const stored of readAttachmentsByDate(deps, range)) {
    const unseen = stored.filter(({ attachmentId }) => !seen.has(attachmentId));
    await removeConfirmed(context, unseen);
  }
  if (end === undefined) return cursor;
  const boundary = end === cursor.comparedTo ? [...cursor.boundaryIds] : [];
  for (const item of listed.items) if (modifiedAt(item) === end) boundary.push(item.id);
  return { ...cursor, comparedTo: end, boundaryIds: boundary };
}

async function removeConfirmed(context: StepContext, unseen: readonly StoredAttachment[]): Promise<void> {
  if (unseen.length === 0) return;
  await context.freshToken();
  const gone: StoredAttachment[] = [];
  for (const attachment of unseen) {
    const shown = await getAttachment(context, attachment.attachmentId);
    // Shown, but on a page that is not indexed: gone from the index as well.
    if (shown?.status !== 'current' || (await storeListed(context, [shown])) === 0) gone.push(attachment);
  }
  await removeAttachments(context.deps, context.tenantId, gone);
}

async function getAttachment(context: StepContext, attachmentId: string): Promise<ConfluenceAttachment | undefined> {
  try {
    const answer = await context.gateway.get(`/wiki/api/v2/attachments/${attachmentId}`);
    const parsed = attachmentSchema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new AtlassianError('malformed', 'an attachment has another form than documented');
  } catch (error) {
    if (error instanceof AtlassianError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

function attachmentItem({ deps, tenantId, site }: StepContext, source: ConfluenceAttachment): AttachmentItem {
  const link = source.downloadLink ?? source.webuiLink ?? '';
  return {
    id: attachmentItemId(site.cloudId, source.id),
    tenantId,
    type: 'attachment',
    cloudId: site.cloudId,
    attachmentId: source.id,
    pageId: source.pageId ?? '',
    fileName: source.title,
    mediaType: source.mediaType ?? null,
    sizeBytes: source.fileSize ?? null,
    url: link === '' ? '' : `${site.url}/wiki${link}`,
    modifiedAt: modifiedAt(source),
    indexedAt: deps.now().toISOString(),
  };
}

function modifiedAt(attachment: ConfluenceAttachment | undefined): string {
  const date = attachment?.version?.createdAt ?? attachment?.createdAt;
  return date ? new Date(date).toISOString() : '';
}

function isChanged(listed: AttachmentItem, stored: StoredAttachment | undefined): boolean {
  const members = ['pageId', 'fileName', 'mediaType', 'sizeBytes', 'url', 'modifiedAt'] as const;
  return !stored || members.some((member) => listed[member] !== stored[member]);
}

function assertDescending(items: readonly ConfluenceAttachment[], from: string | undefined): void {
  let last = from;
  for (const item of items) {
    const date = modifiedAt(item);
    if (last !== undefined && date > last) {
      throw new AtlassianError('malformed', 'attachments are not listed from the newest to the oldest');
    }
    last = date;
  }
}
