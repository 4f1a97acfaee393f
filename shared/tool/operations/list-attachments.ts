import * as z from 'zod';
import { listAttachments as listFrom } from '../attachments.ts';
import { assertNotExcluded } from '../fence.ts';
import { defineOperation } from '../operation.ts';
import { resolvePageOrPost } from '../resolve-target.ts';
import {
  attachmentShape,
  blogpostIdArgument,
  cursorArgument,
  limitArgument,
  nextCursorShape,
  pageIdArgument,
} from '../shapes.ts';

export const listAttachments = defineOperation({
  name: 'confluence_list_attachments',
  group: 'attachments',
  title: 'List attachments',
  description:
    'Lists the files attached to a page or blog post: name, type, size and URL, not their contents. ' +
    'Give pageId or blogpostId. Example: {"pageId": "98347"}.',
  input: z
    .strictObject({
      pageId: pageIdArgument.optional(),
      blogpostId: blogpostIdArgument.optional(),
      fileName: z.string().trim().min(1).max(255).optional().describe('Only the file with exactly this name.'),
      mediaType: z.string().trim().min(1).max(200).optional().describe('Only this type, for example application/pdf.'),
      limit: limitArgument(50, 100),
      cursor: cursorArgument,
    })
    .superRefine(({ pageId, blogpostId }, issues) => {
      if ((pageId === undefined) === (blogpostId === undefined)) {
        issues.addIssue({ code: 'custom', path: ['pageId'], message: 'or blogpostId: give exactly one of the two' });
      }
    }),
  output: z.object({
    pageId: z.string().optional(),
    blogpostId: z.string().optional(),
    attachments: z.array(attachmentShape),
    nextCursor: nextCursorShape,
  }),
  async run(context, { pageId, blogpostId, ...query }) {
    const { kind, id } = await resolvePageOrPost(context, { pageId, blogpostId });
    await assertNotExcluded(context, kind, id);
    const { attachments, nextCursor } = await listFrom(context, kind, id, query);
    return {
      ...(kind === 'pages' ? { pageId: id } : { blogpostId: id }),
      attachments: [...attachments],
      ...(nextCursor === undefined ? {} : { nextCursor }),
    };
  },
});
