import * as z from 'zod';
import { MAX_HITS, searchIndex as searchPages } from '../../index/search.ts';
import { invalidArguments } from '../../platform/http-function.ts';
import { defineOperation } from '../operation.ts';
import { limitArgument, nextCursorShape } from '../shapes.ts';
import { filterArguments, resolvedFilters } from './search.ts';

export const searchIndex = defineOperation({
  name: 'confluence_search_index',
  group: 'search',
  costsPoints: false,
  title: 'Search the synced index',
  description:
    'Searches the synced copy of the wiki: pages ranked by how well they fit, with title, URL, excerpt and labels. ' +
    'Try this first: it is fast, costs nothing and works while Confluence is slow or limited. It is some minutes old and holds pages only; ' +
    'for blog posts, attachments, personal spaces or changes of the last minutes use confluence_search. ' +
    'Words are plain; put a phrase that must occur as it stands in double quotes. ' +
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
        labels: z.array(z.string()),
        lastModifiedAt: z.string(),
        rank: z.int().describe('1 fits best.'),
      }),
    ),
    nextCursor: nextCursorShape,
  }),
  async run(context, { query, limit, cursor, ...given }) {
    const filters = await resolvedFilters(context, given);
    const [label, ...otherLabels] = filters.labels ?? [];
    const { results, nextOffset } = await searchPages(context.deps, context.scope, {
      query,
      limit,
      offset: offsetOf(cursor),
      spaceKey: filters.spaceKey,
      label,
      modifiedSince: filters.modifiedAfter,
    });
    const directory = await context.spaces();
    const fitting = results.filter(
      (hit) =>
        otherLabels.every((other) => hit.labels.includes(other)) &&
        (filters.modifiedBefore === undefined || hit.lastModifiedAt < filters.modifiedBefore),
    );
    return {
      results: fitting.map(({ pageId, title, url, spaceKey, excerpt, labels, lastModifiedAt, rank }) => {
        const spaceName = directory.byKey(spaceKey)?.name;
        const named = spaceName === undefined ? {} : { spaceName };
        return {
          type: 'page' as const,
          id: pageId,
          pageId,
          title,
          url,
          spaceKey,
          ...named,
          excerpt,
          labels: [...labels],
          lastModifiedAt,
          rank,
        };
      }),
      ...(nextOffset === undefined ? {} : { nextCursor: String(nextOffset) }),
    };
  },
});

/** The cursor is the number of hits seen so far. */
function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,3}$/.test(cursor) && Number(cursor) < MAX_HITS) return Number(cursor);
  throw invalidArguments([{ field: 'cursor', problem: 'is not a nextCursor of this operation' }]);
}
