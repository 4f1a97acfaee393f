import * as z from 'zod';
import { startConnect } from '../shared/connection/connect.ts';
import { dashboardRoute, readBody } from '../shared/platform/http-function.ts';

dashboardRoute('connect-start', async ({ deps, request, tenantId }) => {
  await readBody(request, z.strictObject({}));
  return { status: 201, jsonBody: await startConnect(deps, tenantId) };
});
