import * as z from 'zod';
import { getListPage } from '../../atlassian/list.ts';
import { versionSchema } from '../../atlassian/schemas.ts';
import { assertNotExcluded } from '../fence.ts';
import { defineOperation } from '../operation.ts';
import { namesOf, personOf } from '../people.ts';
import { resolveContentId } from '../resolve-target.ts';
import { cursorArgument, limitArgument, pageIdArgument, personShape, versionShape } from '../shapes.ts';
import { listShape, versionView } from '../summaries.ts';

export const getPageVersions = defineOperation({
  name: 'confluence_get_page_versions',
  group: 'pages',
  title: 'List the versions of a page',
  description:
    'Lists who changed a page when, newest first, with the message of each change. ' +
    'Use it to judge whether instructions are fresh or who knows about them. Example: {"pageId": "98352"}.',
  input: z.strictObject({ pageId: pageIdArgument, limit: limitArgument(25, 100), cursor: cursorArgument }),
  output: z.object({
    pageId: z.string(),
    versions: z.array(versionShape.extend({ author: personShape })),
    ...listShape,
  }),
  async run(context, { pageId, limit, cursor }) {
    const id = await resolveContentId(context, 'pageId', pageId);
    await assertNotExcluded(context, 'pages', id);
    const { items, nextCursor } = await getListPage(
      context.confluence,
      `/wiki/api/v2/pages/${id}/versions`,
      { sort: '-modified-date', limit, cursor },
      versionSchema,
    );
    const names = await namesOf(
      context,
      items.map(({ authorId }) => authorId),
    );
    return {
      pageId: id,
      versions: items.map((version) => ({ ...versionView(version), author: personOf(version.authorId, names) })),
      ...(nextCursor === undefined ? {} : { nextCursor }),
      ...(names.complete ? {} : { missing: ['names'] }),
    };
  },
});
