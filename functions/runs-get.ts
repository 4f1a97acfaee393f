import * as z from 'zod';
import { dashboardRoute, readQuery } from '../shared/platform/http-function.ts';
import { listRuns } from '../shared/sync/progress.ts';

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.iso.datetime().optional(),
});

dashboardRoute('runs-get', async ({ deps, tenantId, request }) => {
  return { jsonBody: await listRuns(deps, tenantId, readQuery(request, querySchema)) };
});
