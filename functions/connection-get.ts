import { readConnection } from '../shared/connection/record.ts';
import { connectionView } from '../shared/connection/view.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';
import { syncView } from '../shared/sync/progress.ts';

dashboardRoute('connection-get', async ({ deps, tenantId }) => {
  const connection = (await readConnection(deps, tenantId))?.item;
  const view = await connectionView(deps, connection);
  return { jsonBody: connection ? { ...view, sync: await syncView(deps, connection) } : view };
});
