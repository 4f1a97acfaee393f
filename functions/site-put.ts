import * as z from 'zod';
import { chooseSite } from '../shared/connection/choose-site.ts';
import { connectionView } from '../shared/connection/view.ts';
import { dashboardRoute, readBody } from '../shared/platform/http-function.ts';

const bodySchema = z.strictObject({ cloudId: z.string().min(1).max(100) });

dashboardRoute('site-put', async ({ deps, request, tenantId }) => {
  const { cloudId } = await readBody(request, bodySchema);
  return { jsonBody: await connectionView(deps, await chooseSite(deps, tenantId, cloudId)) };
});
