import { readPageView } from '../shared/index/read.ts';
import { readScope } from '../shared/index/scope.ts';
import { page as answer } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';
import { ProblemError } from '../shared/platform/problem.ts';

const description = { summary: 'One indexed page, whole, as Markdown with names and includes resolved.', answer };

dashboardRoute('page-get', description, async ({ deps, tenantId, request }) => {
  const pageId = request.params.pageId ?? '';
  const scope = await readScope(deps, tenantId);
  // Ids are Confluence's own; what has another form cannot be one.
  const page = /^\d{1,20}$/.test(pageId) ? await readPageView(deps, scope, pageId) : undefined;
  if (!page) throw new ProblemError(404, 'page_not_found', 'No page with this id is in the index.');
  return { jsonBody: page };
});
