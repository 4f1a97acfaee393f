import { dashboardRoute, pathId } from '../shared/platform/http-function.ts';
import { deleteAgent } from '../shared/tool/agent-record.ts';

dashboardRoute('agent-delete', async ({ deps, request, tenantId }) => {
  await deleteAgent(deps, tenantId, pathId(request, 'agentId'));
  return { status: 204 };
});
