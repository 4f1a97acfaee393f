import { readConnection } from '../shared/connection/record.ts';
import { connectionView } from '../shared/connection/view.ts';
import { connection as answer } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';
import { syncView } from '../shared/sync/progress.ts';

const description = { summary: 'The connection, its site and account, and how its sync stands.', answer };

dashboardRoute('connection-get', description, async ({ deps, tenantId }) => {
  const connection = (await readConnection(deps, tenantId))?.item;
  const view = await connectionView(deps, connection);
  return { jsonBody: connection ? { ...view, sync: await syncView(deps, connection) } : view };
});
