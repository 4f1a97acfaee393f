import * as z from 'zod';
import { completeConnect } from '../shared/connection/complete.ts';
import { connectionView } from '../shared/connection/view.ts';
import { dashboardRoute, readBody } from '../shared/platform/http-function.ts';

const bodySchema = z.strictObject({ completion: z.string().min(1).max(200) });

dashboardRoute('connect-complete', async ({ deps, request, tenantId }) => {
  const { completion } = await readBody(request, bodySchema);
  return { jsonBody: await connectionView(deps, await completeConnect(deps, tenantId, completion)) };
});
