import { readConnection } from '../shared/connection/record.ts';
import { connectionView } from '../shared/connection/view.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';

dashboardRoute('connection-get', async ({ deps, tenantId }) => {
  return { jsonBody: await connectionView(deps, (await readConnection(deps, tenantId))?.item) };
});
