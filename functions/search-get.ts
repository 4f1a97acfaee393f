import * as z from 'zod';
import { readScope } from '../shared/index/scope.ts';
import { searchIndex } from '../shared/index/search/search.ts';
import { searchResults } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';
import { spaceDirectory } from '../shared/tool/space-directory.ts';

const description = {
  summary: 'Searches the index: ranked pages, each with the section that fits best.',
  query: z.object({
    q: z
      .string()
      .trim()
      .min(1)
      .max(1000)
      .describe('Plain words, codes, paths; a part in double quotes must occur as it stands.'),
    limit: z.coerce.number().int().min(1).max(50).default(10),
    cursor: z.string().min(1).max(255).optional(),
    space: z.string().min(1).max(255).optional().describe("The space's key."),
    label: z.string().min(1).max(255).optional(),
    author: z.string().min(1).max(255).optional().describe('Account id of who created the page.'),
    modifiedSince: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
    ancestor: z
      .string()
      .regex(/^\d{1,20}$/, 'is not the id of a page')
      .optional()
      .describe('Id of a page: only pages below it, at any depth.'),
  }),
  answer: searchResults,
};

dashboardRoute('search-get', description, async ({ deps, tenantId, query }) => {
  const { q, limit, cursor, space, label, author, modifiedSince, ancestor } = query;
  const scope = await readScope(deps, tenantId);
  const spaces = await spaceDirectory(deps, tenantId, scope.cloudId);
  const answer = await searchIndex(deps, scope, {
    query: q,
    limit,
    cursor,
    // Confluence does not tell capitals apart in keys and labels.
    spaceKey: space && (spaces.byKey(space)?.key ?? space),
    labels: label === undefined ? undefined : [label.toLowerCase()],
    authorId: author,
    modifiedSince: modifiedSince && new Date(modifiedSince).toISOString(),
    ancestorId: ancestor,
  });
  const results = answer.results.map((hit) => ({ ...hit, spaceName: spaces.byKey(hit.spaceKey)?.name ?? null }));
  return { jsonBody: { ...answer, results } };
});
