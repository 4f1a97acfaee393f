import * as z from 'zod';
import { invalidArguments } from '../../platform/http-function.ts';
import { type SearchFilters, splitCql, wordsToCql } from '../cql.ts';
import { defineOperation, type ToolContext } from '../operation.ts';
import { resolveSpaceKey } from '../resolve-target.ts';
import { searchContent } from '../search-content.ts';
import { cursorArgument, limitArgument, nextCursorShape, spaceKeyArgument } from '../shapes.ts';

const date = (what: string) =>
  z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-03-31')
    .optional()
    .describe(`${what} this day (YYYY-MM-DD, in the time zone of the connected account).`);

/** Narrowing a search, the same for Confluence's own search and for the index. */
export const filterArguments = {
  spaceKey: spaceKeyArgument.optional(),
  labels: z.array(z.string().trim().min(1).max(255)).max(10).optional().describe('Only what carries all these labels.'),
  modifiedAfter: date('Last changed on or after'),
  modifiedBefore: date('Last changed before'),
};

export const search = defineOperation({
  name: 'confluence_search',
  group: 'search',
  title: 'Search Confluence',
  description:
    "Searches the wiki live with Confluence's own search, over pages, blog posts and attachments, and gives titles, URLs and excerpts, never whole texts. " +
    'Use it for what changed in the last minutes, for attachments and blog posts, or for exact conditions; for everything else try confluence_search_index first, which is ranked and costs nothing. ' +
    'Give query (plain words) or cql (Confluence Query Language), one of the two; the other arguments narrow either. ' +
    'Examples: {"query": "vpn certificate expired", "spaceKey": "IT"}; {"cql": "title ~ \\"runbook\\" AND created > now(\\"-30d\\") order by created desc"}.',
  input: z
    .strictObject({
      query: z.string().trim().min(1).max(1_000).optional().describe('Plain words; no operators needed.'),
      cql: z
        .string()
        .trim()
        .min(1)
        .max(4_000)
        .optional()
        .describe(
          'A CQL condition, with order by if you like. Fields: text, title, space, label, type, creator, created, lastmodified, ancestor.',
        ),
      type: z.enum(['page', 'blogpost', 'attachment']).optional().describe('Only this kind; by default all three.'),
      ...filterArguments,
      limit: limitArgument(10, 50),
      cursor: cursorArgument,
    })
    .superRefine(({ query, cql }, issues) => {
      if ((query === undefined) === (cql === undefined)) {
        issues.addIssue({ code: 'custom', path: ['query'], message: 'or cql: give exactly one of the two' });
      }
    }),
  output: z.object({
    results: z.array(
      z.object({
        type: z.enum(['page', 'blogpost', 'attachment']),
        id: z.string(),
        pageId: z.string().optional().describe('For confluence_get_page.'),
        blogpostId: z.string().optional().describe('For confluence_get_blogpost.'),
        attachmentId: z.string().optional().describe('For confluence_get_attachment.'),
        title: z.string(),
        url: z.string(),
        spaceKey: z.string().optional(),
        spaceName: z.string().optional(),
        excerpt: z.string(),
        lastModifiedAt: z.string().optional(),
      }),
    ),
    nextCursor: nextCursorShape,
  }),
  async run(context, { query, cql, limit, cursor, ...filters }) {
    const parts = cql === undefined ? { condition: wordsToCql(query ?? ''), order: '' } : splitCql(cql);
    const resolved = await resolvedFilters(context, filters);
    const { results, nextCursor } = await searchContent(context, parts, resolved, { limit, cursor });
    return { results, ...(nextCursor === undefined ? {} : { nextCursor }) };
  },
});

/** Filters with their dates checked and their space by its key. */
export async function resolvedFilters(context: ToolContext, filters: SearchFilters): Promise<SearchFilters> {
  for (const field of ['modifiedAfter', 'modifiedBefore'] as const) {
    const value = filters[field];
    if (value !== undefined && Number.isNaN(Date.parse(value))) {
      throw invalidArguments([{ field, problem: 'is not a day of the calendar' }]);
    }
  }
  if (filters.spaceKey === undefined) return filters;
  return { ...filters, spaceKey: await resolveSpaceKey(context, filters.spaceKey) };
}
