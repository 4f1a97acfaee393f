import * as z from 'zod';
import { getListPage } from '../../atlassian/list.ts';
import { assertNotExcluded } from '../fence.ts';
import { defineOperation } from '../operation.ts';
import { resolveContentId } from '../resolve-target.ts';
import { cursorArgument, limitArgument, nextCursorShape, pageIdArgument } from '../shapes.ts';

const childSchema = z.object({
  id: z.string(),
  title: z.string().nullish(),
  type: z.string(),
  status: z.string(),
  parentId: z.string().nullish(),
  depth: z.int().nullish(),
});

export const getPageChildren = defineOperation({
  name: 'confluence_get_page_children',
  group: 'pages',
  title: 'List the pages below a page',
  description:
    'Lists what hangs below a page in the tree of its space: its children, or with depth more levels. ' +
    'Use it to walk a table of contents, for example the runbooks below a "Runbooks" page. ' +
    'Example: {"pageId": "98341", "depth": 2}.',
  input: z.strictObject({
    pageId: pageIdArgument,
    depth: z.int().min(1).max(10).default(1).describe('How many levels down.'),
    limit: limitArgument(50, 200),
    cursor: cursorArgument,
  }),
  output: z.object({
    pageId: z.string(),
    children: z.array(
      z.object({
        id: z.string().describe('A pageId where type is page.'),
        title: z.string(),
        type: z.string().describe('page, or another kind of content such as folder.'),
        status: z.string(),
        parentId: z.string(),
        depth: z.int().describe('1 for a direct child.'),
      }),
    ),
    nextCursor: nextCursorShape,
  }),
  async run(context, { pageId, depth, limit, cursor }) {
    const id = await resolveContentId(context, 'pageId', pageId);
    await assertNotExcluded(context, 'pages', id);
    const { items, nextCursor } = await getListPage(
      context.confluence,
      `/wiki/api/v2/pages/${id}/${depth === 1 ? 'direct-children' : 'descendants'}`,
      { limit, cursor, depth: depth === 1 ? undefined : depth },
      childSchema,
    );
    const children = items.map((child) => ({
      id: child.id,
      title: child.title ?? '',
      type: child.type,
      status: child.status,
      parentId: child.parentId ?? id,
      depth: child.depth ?? 1,
    }));
    return { pageId: id, children, ...(nextCursor === undefined ? {} : { nextCursor }) };
  },
});
