import * as z from 'zod';
import { getListPage } from '../../atlassian/list.ts';
import { labelSchema } from '../../atlassian/schemas.ts';
import { assertNotExcluded } from '../fence.ts';
import { defineOperation } from '../operation.ts';
import { resolvePageOrPost } from '../resolve-target.ts';
import { blogpostIdArgument, cursorArgument, limitArgument, nextCursorShape, pageIdArgument } from '../shapes.ts';

export const getLabels = defineOperation({
  name: 'confluence_get_labels',
  group: 'pages',
  title: 'List labels',
  description:
    'Lists the labels (tags) of one page or blog post, or, without an id, the labels that the site uses at all. ' +
    'Use the site’s labels to learn which tags exist, then narrow confluence_search or confluence_search_index with labels. ' +
    'Examples: {"pageId": "98352"}; {}.',
  input: z
    .strictObject({
      pageId: pageIdArgument.optional(),
      blogpostId: blogpostIdArgument.optional(),
      limit: limitArgument(100, 250),
      cursor: cursorArgument,
    })
    .superRefine(({ pageId, blogpostId }, issues) => {
      if (pageId !== undefined && blogpostId !== undefined) {
        issues.addIssue({ code: 'custom', path: ['pageId'], message: 'or blogpostId: give at most one of the two' });
      }
    }),
  output: z.object({
    labels: z.array(z.object({ labelId: z.string(), name: z.string(), prefix: z.string() })),
    nextCursor: nextCursorShape,
  }),
  async run(context, { pageId, blogpostId, limit, cursor }) {
    const ofSite = pageId === undefined && blogpostId === undefined;
    const path = ofSite ? '/wiki/api/v2/labels' : await pathOfLabels();
    // Of the site, `my` labels would be listed too; of a page the prefixes are filtered here, in one request for both.
    const query = { limit, cursor, prefix: ofSite ? 'global' : undefined };
    const { items, nextCursor } = await getListPage(context.confluence, path, query, labelSchema);
    const labels = items.filter(({ prefix }) => prefix === 'global' || prefix === 'team');
    return {
      labels: labels.map(({ id, name, prefix }) => ({ labelId: id, name, prefix })),
      ...(nextCursor === undefined ? {} : { nextCursor }),
    };

    async function pathOfLabels(): Promise<string> {
      const { kind, id } = await resolvePageOrPost(context, { pageId, blogpostId });
      await assertNotExcluded(context, kind, id);
      return `/wiki/api/v2/${kind}/${id}/labels`;
    }
  },
});
