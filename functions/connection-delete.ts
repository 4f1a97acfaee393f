import * as z from 'zod';
import { disconnect } from '../shared/connection/disconnect.ts';
import { connectionView } from '../shared/connection/view.ts';
import { dashboardRoute, readQuery } from '../shared/platform/http-function.ts';

const querySchema = z.object({ index: z.literal('delete').optional() });

dashboardRoute('connection-delete', async ({ deps, request, tenantId }) => {
  const { index } = readQuery(request, querySchema);
  return { jsonBody: await connectionView(deps, await disconnect(deps, tenantId, { eraseIndex: index === 'delete' })) };
});
