import { dashboardRoute, pathId } from '../shared/platform/http-function.ts';
import { deleteAgent } from '../shared/tool/agent-record.ts';

const description = { summary: "Takes an agent's access and all of its keys away.", status: 204 };

dashboardRoute('agent-delete', description, async ({ deps, request, tenantId }) => {
  await deleteAgent(deps, tenantId, pathId(request, 'agentId'));
  return { status: 204 };
});
