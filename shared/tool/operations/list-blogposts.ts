import * as z from 'zod';
import { defineOperation } from '../operation.ts';
import { resolveSpace } from '../resolve-target.ts';
import { atMostOneSpace, cursorArgument, limitArgument, spaceIdArgument, spaceKeyArgument } from '../shapes.ts';
import { listContent, listShape, summaryShape } from '../summaries.ts';

export const listBlogposts = defineOperation({
  name: 'confluence_list_blogposts',
  group: 'pages',
  title: 'List Confluence blog posts',
  description:
    'Lists blog posts (dated news of a space, such as outage or release notes) without their texts, newest first. ' +
    'Example: {"spaceKey": "OPS"}.',
  input: z
    .strictObject({
      spaceKey: spaceKeyArgument.optional(),
      spaceId: spaceIdArgument.optional(),
      title: z.string().trim().min(1).max(255).optional().describe('Only blog posts with exactly this title.'),
      sort: z
        .enum(['-created-date', 'created-date', '-modified-date', 'modified-date', 'id', '-id'])
        .default('-created-date')
        .describe('A leading - means descending.'),
      limit: limitArgument(25, 100),
      cursor: cursorArgument,
    })
    .superRefine(atMostOneSpace),
  output: z.object({
    blogposts: z.array(z.object({ blogpostId: z.string(), ...summaryShape })),
    ...listShape,
  }),
  async run(context, { spaceKey, spaceId, ...query }) {
    const space = (spaceKey ?? spaceId) ? await resolveSpace(context, { spaceKey, spaceId }) : undefined;
    const { summaries, rest } = await listContent(context, 'blogposts', { ...query, spaceId: space?.spaceId });
    return { blogposts: summaries.map(({ item, summary }) => ({ blogpostId: item.id, ...summary })), ...rest };
  },
});
