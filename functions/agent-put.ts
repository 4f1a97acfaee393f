import { dashboardRoute, pathId, readBody } from '../shared/platform/http-function.ts';
import { agentAccessSchema, groupsOf } from '../shared/tool/agent-access.ts';
import { putAgent } from '../shared/tool/agent-record.ts';

dashboardRoute('agent-put', async ({ deps, request, tenantId }) => {
  const agentId = pathId(request, 'agentId');
  const access = await readBody(request, agentAccessSchema);
  return { jsonBody: await putAgent(deps, tenantId, agentId, groupsOf(access)) };
});
