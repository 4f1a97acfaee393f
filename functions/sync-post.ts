import * as z from 'zod';
import { dashboardRoute, readBody } from '../shared/platform/http-function.ts';
import { triggerSync } from '../shared/sync/trigger.ts';

dashboardRoute('sync-post', async ({ deps, tenantId, request }) => {
  await readBody(request, z.strictObject({}));
  return { status: 202, jsonBody: await triggerSync(deps, tenantId) };
});
