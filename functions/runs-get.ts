import * as z from 'zod';
import { runs } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';
import { listRuns } from '../shared/sync/progress.ts';

const description = {
  summary: 'Recent runs, newest first, with counters and problems.',
  query: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: z.iso.datetime().optional(),
  }),
  answer: runs,
};

dashboardRoute('runs-get', description, async ({ deps, tenantId, query }) => {
  return { jsonBody: await listRuns(deps, tenantId, query) };
});
