import * as z from 'zod';
import { getListPage } from '../../atlassian/list.ts';
import { isExcluded } from '../fence.ts';
import { defineOperation } from '../operation.ts';
import { cursorArgument, limitArgument, nextCursorShape } from '../shapes.ts';
import { describedSpaceSchema, spaceView, spaceViewShape } from '../space-view.ts';

export const listSpaces = defineOperation({
  name: 'confluence_list_spaces',
  group: 'spaces',
  title: 'List Confluence spaces',
  description:
    'Lists the spaces of the wiki; a space is one team’s or topic’s part of it, with a short key such as IT. ' +
    'Use it once to learn where things are, then narrow searches and lists with spaceKey. Example: {"type": "knowledge_base"}.',
  input: z.strictObject({
    type: z
      .enum(['global', 'knowledge_base', 'collaboration', 'personal', 'system', 'onboarding', 'xflow_sample_space'])
      .optional()
      .describe('Only spaces of this type; by default all.'),
    status: z.enum(['current', 'archived']).default('current'),
    limit: limitArgument(50, 100),
    cursor: cursorArgument,
  }),
  output: z.object({ spaces: z.array(z.object(spaceViewShape)), nextCursor: nextCursorShape }),
  async run(context, { type, status, limit, cursor }) {
    const { items, nextCursor } = await getListPage(
      context.confluence,
      '/wiki/api/v2/spaces',
      { type, status, limit, cursor, sort: 'key', 'description-format': 'plain' },
      describedSpaceSchema,
    );
    const spaces = items.filter((space) => !isExcluded(context, space.key)).map((space) => spaceView(context, space));
    return { spaces, ...(nextCursor === undefined ? {} : { nextCursor }) };
  },
});
