import * as z from 'zod';
import { spaces } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';
import { excludeSpaces, listSpaces } from '../shared/sync/space-settings.ts';

const description = {
  summary: 'Excludes exactly these spaces: neither listed nor searchable, at once.',
  body: z.strictObject({ excludedKeys: z.array(z.string().min(1).max(255)).max(5000) }),
  answer: spaces,
};

dashboardRoute('spaces-put', description, async ({ deps, tenantId, body }) => {
  await excludeSpaces(deps, tenantId, body.excludedKeys);
  return { jsonBody: await listSpaces(deps, tenantId, { limit: 100 }) };
});
