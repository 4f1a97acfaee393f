import * as z from 'zod';
import { searchIndex as searchPages } from '../../index/search/search.ts';
import { defineOperation } from '../operation.ts';
import { limitArgument, nextCursorShape } from '../shapes.ts';
import { filterArguments, resolvedFilters } from './search.ts';

export const searchIndex = defineOperation({
  name: 'confluence_search_index',
  group: 'search',
  costsPoints: false,
  title: 'Search the synced index',
  description:
    'Searches the synced copy of the wiki: pages ranked by how well they fit, with title, URL, excerpt, the section that fits and labels. ' +
    'Try this first: it is fast, costs nothing and works while Confluence is slow or limited. It is some minutes old and holds pages only; ' +
    'for blog posts, attachments, personal spaces or changes of the last minutes use confluence_search. ' +
    'Words are plain, error codes, paths and file names are found whole; put a phrase that must occur as it stands in double quotes. ' +
    'Example: {"query": "\\"error 809\\" vpn", "spaceKey": "IT"}.',
  input: z.strictObject({
    query: z.string().trim().min(1).max(1_000).describe('Plain words; "quoted" parts must occur exactly.'),
    ...filterArguments,
    limit: limitArgument(10, 50),
    cursor: z.string().min(1).max(4_000).optional().describe('To go on: nextCursor of the former answer, same query.'),
  }),
  output: z.object({
    results: z.array(
      z.object({
        type: z.literal('page'),
        id: z.string(),
        pageId: z.string().describe('For confluence_get_page.'),
        title: z.string(),
        url: z.string(),
        spaceKey: z.string(),
        spaceName: z.string().optional(),
        excerpt: z.string(),
        section: z
          .object({ title: z.string(), url: z.string() })
          .optional()
          .describe('The heading under which the excerpt stands, with a link to it.'),
        labels: z.array(z.string()),
        lastModifiedAt: z.string(),
        rank: z.int().describe('1 fits best.'),
      }),
    ),
    nextCursor: nextCursorShape,
  }),
  async run(context, { query, limit, cursor, ...given }) {
    const { spaceKey, labels, modifiedAfter, modifiedBefore } = await resolvedFilters(context, given);
    const { results, nextCursor } = await searchPages(context.deps, context.scope, {
      query,
      limit,
      cursor,
      spaceKey,
      labels,
      modifiedSince: modifiedAfter,
      modifiedBefore,
    });
    const directory = await context.spaces();
    return {
      results: results.map(({ pageId, highlights: _, labels: found, ...hit }) => {
        const spaceName = directory.byKey(hit.spaceKey)?.name;
        return {
          type: 'page' as const,
          id: pageId,
          pageId,
          ...hit,
          ...(spaceName === undefined ? {} : { spaceName }),
          labels: [...found],
        };
      }),
      ...(nextCursor === undefined ? {} : { nextCursor }),
    };
  },
});
