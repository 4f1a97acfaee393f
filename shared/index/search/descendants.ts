import type { Deps } from '../../platform/deps.ts';
import { invalidArguments } from '../../platform/http-function.ts';
import { fetchAll } from '../../platform/query.ts';
import type { IndexScope } from '../read.ts';

/** Their ids go into the search's text, which Cosmos DB limits to 512 KB. */
const MAX_DESCENDANTS = 10_000;

/**
 * The pages under a page at any depth, level by level, without itself: one query a level. A page below a folder is found
 * by the folder's id only, because folders are not in the index.
 *
 * @throws {ProblemError} 400 `invalid_arguments` when there are too many to search among
 */
export async function descendantsOf(
  deps: Pick<Deps, 'pages'>,
  { tenantId, cloudId }: IndexScope,
  ancestorId: string,
): Promise<string[]> {
  const found = new Set<string>();
  let parents = [ancestorId];
  while (parents.length > 0) {
    const children = await fetchAll<string>(deps.pages, tenantId, {
      select: 'VALUE c.pageId',
      where: 'c.type = "page" AND c.cloudId = @cloudId AND ARRAY_CONTAINS(@parents, c.parentId)',
      parameters: { cloudId, parents },
      maxItemCount: 2_000,
    });
    parents = children.filter((pageId) => pageId !== ancestorId && !found.has(pageId));
    for (const pageId of parents) found.add(pageId);
    if (found.size > MAX_DESCENDANTS) {
      const problem = `has more than ${MAX_DESCENDANTS} pages below it: choose a page further down, or filter by space`;
      throw invalidArguments([{ field: 'ancestor', problem }]);
    }
  }
  return [...found];
}
