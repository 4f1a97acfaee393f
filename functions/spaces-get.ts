import * as z from 'zod';
import { dashboardRoute, readQuery } from '../shared/platform/http-function.ts';
import { listSpaces } from '../shared/sync/space-settings.ts';

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().min(1).max(255).optional(),
});

dashboardRoute('spaces-get', async ({ deps, tenantId, request }) => {
  return { jsonBody: await listSpaces(deps, tenantId, readQuery(request, querySchema)) };
});
