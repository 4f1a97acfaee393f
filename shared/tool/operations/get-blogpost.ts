import * as z from 'zod';
import { defineOperation } from '../operation.ts';
import { readContent } from '../read-content.ts';
import { resolveContentId } from '../resolve-target.ts';
import { blogpostIdArgument, bodyFormatArgument, maxCharsArgument, offsetArgument } from '../shapes.ts';
import { contentShape, fieldsArgument } from './get-page.ts';

export const getBlogpost = defineOperation({
  name: 'confluence_get_blogpost',
  group: 'pages',
  title: 'Read a Confluence blog post',
  description:
    'Reads one blog post (dated news of a space) whole: title, space, author, dates, labels, attachments and the body as Markdown. ' +
    'blogpostId may be an id, a URL or an exact title. A long body comes in pieces: call again with offset = nextOffset. ' +
    'Example: {"blogpostId": "98548"}.',
  input: z.strictObject({
    blogpostId: blogpostIdArgument,
    bodyFormat: bodyFormatArgument,
    maxChars: maxCharsArgument,
    offset: offsetArgument,
    fields: fieldsArgument,
  }),
  output: z.object({ blogpostId: z.string(), ...contentShape }),
  async run(context, { blogpostId, ...options }) {
    const id = await resolveContentId(context, 'blogpostId', blogpostId);
    const {
      parentId: _parentId,
      breadcrumb: _breadcrumb,
      ...post
    } = await readContent(context, 'blogposts', id, options);
    return { blogpostId: id, ...post };
  },
});
