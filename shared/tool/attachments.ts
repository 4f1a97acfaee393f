import { getListPage } from '../atlassian/list.ts';
import { attachmentSchema, type ConfluenceAttachment } from '../atlassian/schemas.ts';
import { readPageAttachments } from '../index/attachments.ts';
import type { ToolContext } from './operation.ts';

/** An attachment as results show it. */
export interface AttachmentView {
  readonly id: string;
  readonly fileName: string;
  readonly mediaType: string | null;
  readonly sizeBytes: number | null;
  readonly url: string;
}

export interface AttachmentPage {
  readonly attachments: readonly AttachmentView[];
  readonly nextCursor: string | undefined;
}

/** The attachments of a page or blog post from Confluence. */
export async function listAttachments(
  context: ToolContext,
  kind: 'pages' | 'blogposts',
  id: string,
  query: { limit: number; cursor?: string | undefined; fileName?: string | undefined; mediaType?: string | undefined },
): Promise<AttachmentPage> {
  const { items, nextCursor } = await getListPage(
    context.confluence,
    `/wiki/api/v2/${kind}/${id}/attachments`,
    {
      limit: query.limit,
      cursor: query.cursor,
      filename: query.fileName,
      mediaType: query.mediaType,
      status: 'current',
    },
    attachmentSchema,
  );
  return { attachments: items.map((item) => attachmentView(context, item)), nextCursor };
}

/** The same from the index, for when Confluence does not give them. */
export async function indexedAttachments(context: ToolContext, pageId: string): Promise<AttachmentView[]> {
  const stored = await readPageAttachments(context.deps, context.scope.tenantId, context.scope.cloudId, pageId);
  return stored.map(({ attachmentId, fileName, mediaType, sizeBytes, url }) => ({
    id: attachmentId,
    fileName,
    mediaType,
    sizeBytes,
    url,
  }));
}

export function attachmentView(context: Pick<ToolContext, 'site'>, attachment: ConfluenceAttachment): AttachmentView {
  return {
    id: attachment.id,
    fileName: attachment.title,
    mediaType: attachment.mediaType ?? null,
    sizeBytes: attachment.fileSize ?? null,
    url: wikiUrl(context, attachment.downloadLink ?? attachment.webuiLink ?? ''),
  };
}

/** Confluence's links begin behind the context path `/wiki`. */
export function wikiUrl({ site }: Pick<ToolContext, 'site'>, link: string): string {
  return `${site.url}/wiki${link.replace(/^\/wiki(?=\/)/, '')}`;
}
