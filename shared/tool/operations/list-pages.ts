import * as z from 'zod';
import { defineOperation } from '../operation.ts';
import { resolveSpace } from '../resolve-target.ts';
import { atMostOneSpace, cursorArgument, limitArgument, spaceIdArgument, spaceKeyArgument } from '../shapes.ts';
import { listContent, listShape, summaryShape } from '../summaries.ts';

export const listPages = defineOperation({
  name: 'confluence_list_pages',
  group: 'pages',
  title: 'List Confluence pages',
  description:
    'Lists wiki pages without their texts, newest change first, of the whole site or of one space. ' +
    'Use it to see what a space holds or what changed last; to find a page by its words use confluence_search_index or confluence_search. ' +
    'Example: {"spaceKey": "IT", "limit": 10}.',
  input: z
    .strictObject({
      spaceKey: spaceKeyArgument.optional(),
      spaceId: spaceIdArgument.optional(),
      title: z.string().trim().min(1).max(255).optional().describe('Only pages with exactly this title.'),
      status: z.enum(['current', 'archived']).default('current'),
      sort: z
        .enum(['-modified-date', 'modified-date', '-created-date', 'created-date', 'title', '-title', 'id', '-id'])
        .default('-modified-date')
        .describe('A leading - means descending.'),
      limit: limitArgument(25, 100),
      cursor: cursorArgument,
    })
    .superRefine(atMostOneSpace),
  output: z.object({
    pages: z.array(z.object({ pageId: z.string(), ...summaryShape, parentId: z.string().nullable() })),
    ...listShape,
  }),
  async run(context, { spaceKey, spaceId, ...query }) {
    const space = (spaceKey ?? spaceId) ? await resolveSpace(context, { spaceKey, spaceId }) : undefined;
    const { summaries, rest } = await listContent(context, 'pages', { ...query, spaceId: space?.spaceId });
    const pages = summaries.map(({ item, summary }) => ({
      pageId: item.id,
      ...summary,
      parentId: item.parentId ?? null,
    }));
    return { pages, ...rest };
  },
});
