import { dashboardRoute, pathId, readBody } from '../shared/platform/http-function.ts';
import { keyRequestSchema } from '../shared/tool/agent-access.ts';
import { issueKey } from '../shared/tool/agent-record.ts';

dashboardRoute('agent-key-post', async ({ deps, request, tenantId }) => {
  const agentId = pathId(request, 'agentId');
  const { revokeOthers } = await readBody(request, keyRequestSchema);
  return { status: 201, jsonBody: await issueKey(deps, tenantId, agentId, { revokeOthers }) };
});
