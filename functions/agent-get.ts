import { dashboardRoute, pathId } from '../shared/platform/http-function.ts';
import { getAgent } from '../shared/tool/agent-record.ts';

dashboardRoute('agent-get', async ({ deps, request, tenantId }) => ({
  jsonBody: await getAgent(deps, tenantId, pathId(request, 'agentId')),
}));
