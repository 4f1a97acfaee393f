import * as z from 'zod';
import { AtlassianError } from '../../atlassian/errors.ts';
import { attachmentSchema } from '../../atlassian/schemas.ts';
import { invalidArguments } from '../../platform/http-function.ts';
import { type AttachmentView, attachmentView, listAttachments, wikiUrl } from '../attachments.ts';
import { assertNotExcluded } from '../fence.ts';
import { defineOperation, type ToolContext } from '../operation.ts';
import { namesOf, personOf } from '../people.ts';
import { notFound } from '../problems.ts';
import { attachmentIdArgument, attachmentShape, personShape, versionShape } from '../shapes.ts';
import { versionView } from '../summaries.ts';
import { readTarget, type Target } from '../targets.ts';

export const getAttachment = defineOperation({
  name: 'confluence_get_attachment',
  group: 'attachments',
  title: 'Look at an attachment',
  description:
    'Gives one file’s metadata and URLs: name, type, size, the page it is attached to, its version. It does not give the contents; ' +
    'hand the URL to the person you work for, who can open it when signed in. Example: {"attachmentId": "att98404"}.',
  input: z.strictObject({ attachmentId: attachmentIdArgument }),
  output: z.object({
    ...attachmentShape.shape,
    pageId: z.string().nullable(),
    blogpostId: z.string().nullable(),
    webUrl: z.string().nullable().describe('Where the file is shown beside its page.'),
    createdAt: z.string().nullable(),
    version: versionShape.optional(),
    lastModifiedBy: personShape.optional(),
    missing: z.array(z.string()).optional().describe('Parts that could not be read now.'),
  }),
  async run(context, { attachmentId }) {
    const id = await resolveAttachmentId(context, attachmentId);
    const parsed = attachmentSchema.safeParse(await context.confluence.get(`/wiki/api/v2/attachments/${id}`));
    if (!parsed.success) throw new AtlassianError('malformed', '/attachments/{id} has another form than documented');
    const attachment = parsed.data;
    await assertContainerNotExcluded(context, attachment);
    const names = await namesOf(context, [attachment.version?.authorId]);
    return {
      ...attachmentView(context, attachment),
      pageId: attachment.pageId ?? null,
      blogpostId: attachment.blogPostId ?? null,
      webUrl: attachment.webuiLink ? wikiUrl(context, attachment.webuiLink) : null,
      createdAt: attachment.createdAt ?? null,
      ...(attachment.version
        ? { version: versionView(attachment.version), lastModifiedBy: personOf(attachment.version.authorId, names) }
        : {}),
      ...(names.complete ? {} : { missing: ['names'] }),
    };
  },
});

async function assertContainerNotExcluded(
  context: ToolContext,
  {
    id,
    pageId,
    blogPostId,
  }: { id: string; pageId?: string | null | undefined; blogPostId?: string | null | undefined },
): Promise<void> {
  if (pageId) await assertNotExcluded(context, 'pages', pageId);
  else if (blogPostId) await assertNotExcluded(context, 'blogposts', blogPostId);
  else if (context.scope.excludedKeys.length > 0) throw notFound(`Attachment ${id}`);
}

async function resolveAttachmentId(context: ToolContext, text: string): Promise<string> {
  const target = readTarget('attachmentId', text, context.site.url);
  if (target.kind === 'attachment') return target.attachmentId;
  if (target.kind === 'id' && target.attachmentId !== undefined) return target.attachmentId;
  if (target.kind === 'id' && target.id === text.trim()) return `att${target.id}`;
  if (target.kind !== 'file') {
    const problem = 'must be an attachment’s id (att123…) or the URL of a file; confluence_list_attachments gives both';
    throw invalidArguments([{ field: 'attachmentId', problem }]);
  }
  const file = (await fileOf(context, 'pages', target)) ?? (await fileOf(context, 'blogposts', target));
  if (!file) throw notFound(`File ${JSON.stringify(target.fileName.slice(0, 100))} of page ${target.pageId}`);
  return file.id;
}

/** A file's URL does not tell whether its container is a page or a blog post; Confluence does. */
async function fileOf(
  context: ToolContext,
  kind: 'pages' | 'blogposts',
  { pageId, fileName }: Extract<Target, { kind: 'file' }>,
): Promise<AttachmentView | undefined> {
  try {
    // Before the file is looked for, or the answer would tell whether an excluded page has one of this name.
    await assertNotExcluded(context, kind, pageId);
    return (await listAttachments(context, kind, pageId, { limit: 1, fileName })).attachments[0];
  } catch (error) {
    if (error instanceof AtlassianError && error.kind === 'not_found') return undefined;
    throw error;
  }
}
