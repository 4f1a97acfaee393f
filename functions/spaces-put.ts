import * as z from 'zod';
import { dashboardRoute, readBody } from '../shared/platform/http-function.ts';
import { excludeSpaces, listSpaces } from '../shared/sync/space-settings.ts';

const bodySchema = z.strictObject({ excludedKeys: z.array(z.string().min(1).max(255)).max(5000) });

dashboardRoute('spaces-put', async ({ deps, tenantId, request }) => {
  const { excludedKeys } = await readBody(request, bodySchema);
  await excludeSpaces(deps, tenantId, excludedKeys);
  return { jsonBody: await listSpaces(deps, tenantId, { limit: 100 }) };
});
