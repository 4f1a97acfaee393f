import * as z from 'zod';
import { readScope } from '../shared/index/scope.ts';
import { MAX_HITS, searchIndex } from '../shared/index/search.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';

const query = z.object({
  q: z.string().trim().min(1).max(1000),
  limit: z.coerce.number().int().min(1).max(50).default(10),
  cursor: z.coerce
    .number('is not a cursor of this search')
    .int()
    .min(0)
    .max(MAX_HITS - 1)
    .default(0),
  space: z.string().min(1).max(255).optional(),
  label: z.string().min(1).max(255).optional(),
  author: z.string().min(1).max(255).optional(),
  modifiedSince: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
});

const description = { summary: 'Searches the index.', query };

dashboardRoute('search-get', description, async ({ deps, tenantId, query }) => {
  const { q, limit, cursor, space, label, author, modifiedSince } = query;
  const scope = await readScope(deps, tenantId);
  const { results, nextOffset } = await searchIndex(deps, scope, {
    query: q,
    limit,
    offset: cursor,
    spaceKey: space,
    label,
    authorId: author,
    modifiedSince: modifiedSince && new Date(modifiedSince).toISOString(),
  });
  return { jsonBody: { results, ...(nextOffset === undefined ? {} : { nextCursor: String(nextOffset) }) } };
});
