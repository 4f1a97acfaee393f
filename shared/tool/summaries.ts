import * as z from 'zod';
import { getListPage } from '../atlassian/list.ts';
import { type ConfluencePage, pageSchema } from '../atlassian/schemas.ts';
import { wikiUrl } from './attachments.ts';
import { spaceKeyOf, withoutExcluded } from './fence.ts';
import type { ToolContext } from './operation.ts';
import { namesOf, personOf } from './people.ts';
import { nextCursorShape, personShape, spaceShape, versionShape } from './shapes.ts';

/** One line of a list of pages or blog posts: enough to choose by, no body. */
export const summaryShape = {
  title: z.string(),
  url: z.string(),
  status: z.string(),
  ...spaceShape,
  author: personShape,
  lastModifiedBy: personShape,
  createdAt: z.string(),
  lastModifiedAt: z.string(),
  version: versionShape,
};

export type Summary = z.output<z.ZodObject<typeof summaryShape>>;

/** What a list may say of parts that could not be read. */
export const listShape = {
  nextCursor: nextCursorShape,
  missing: z.array(z.string()).optional().describe('Parts that could not be read now.'),
};

export interface ListQuery {
  readonly spaceId?: string | undefined;
  readonly title?: string | undefined;
  readonly status?: string | undefined;
  readonly sort: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of a list of pages or blog posts, newest first or as asked, without those of excluded spaces. */
export async function listContent(context: ToolContext, kind: 'pages' | 'blogposts', query: ListQuery) {
  const { items, nextCursor } = await getListPage(
    context.confluence,
    `/wiki/api/v2/${kind}`,
    {
      'space-id': query.spaceId,
      title: query.title,
      status: query.status ?? 'current',
      sort: query.sort,
      limit: query.limit,
      cursor: query.cursor,
    },
    pageSchema,
  );
  const visible = await withoutExcluded(context, items, ({ spaceId, _links }) => ({ spaceId, webui: _links.webui }));
  const names = await namesOf(
    context,
    visible.flatMap((item) => [item.authorId, item.version.authorId]),
  );
  const summaries = await Promise.all(
    visible.map(async (item) => ({ item, summary: await summaryOf(context, item, names) })),
  );
  return {
    summaries,
    rest: {
      ...(nextCursor === undefined ? {} : { nextCursor }),
      ...(names.complete ? {} : { missing: ['names'] }),
    },
  };
}

async function summaryOf(
  context: ToolContext,
  item: ConfluencePage,
  names: Parameters<typeof personOf>[1],
): Promise<Summary> {
  const webui = item._links.webui;
  const [directory, spaceKey] = await Promise.all([
    context.spaces(),
    spaceKeyOf(context, { spaceId: item.spaceId, webui }),
  ]);
  const spaceName = directory.byId(item.spaceId)?.name;
  return {
    title: item.title,
    url: wikiUrl(context, webui ?? `/pages/viewpage.action?pageId=${item.id}`),
    status: item.status,
    spaceId: item.spaceId,
    ...(spaceKey === undefined ? {} : { spaceKey }),
    ...(spaceName === undefined ? {} : { spaceName }),
    author: personOf(item.authorId, names),
    lastModifiedBy: personOf(item.version.authorId, names),
    createdAt: item.createdAt,
    lastModifiedAt: item.version.createdAt,
    version: versionView(item.version),
  };
}

/** A version without what says nothing. */
export function versionView(version: ConfluencePage['version']) {
  return {
    number: version.number,
    createdAt: version.createdAt,
    ...(version.message ? { message: version.message } : {}),
    ...(version.minorEdit ? { minorEdit: true } : {}),
  };
}
