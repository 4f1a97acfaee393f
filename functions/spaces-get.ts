import * as z from 'zod';
import { spaces } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';
import { listSpaces } from '../shared/sync/space-settings.ts';

const description = {
  summary: 'The synced spaces by key, with the pages that are indexed.',
  query: z.object({
    limit: z.coerce.number().int().min(1).max(500).default(100),
    cursor: z.string().min(1).max(255).optional(),
  }),
  answer: spaces,
};

dashboardRoute('spaces-get', description, async ({ deps, tenantId, query }) => {
  return { jsonBody: await listSpaces(deps, tenantId, query) };
});
