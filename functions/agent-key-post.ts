import { agentKey } from '../shared/platform/api-answers.ts';
import { dashboardRoute, pathId } from '../shared/platform/http-function.ts';
import { keyRequestSchema } from '../shared/tool/agent-access.ts';
import { issueKey } from '../shared/tool/agent-record.ts';

const description = {
  summary: 'A new key for an agent, shown once. The former one stays valid for a while unless revoked.',
  body: keyRequestSchema,
  status: 201,
  answer: agentKey,
};

dashboardRoute('agent-key-post', description, async ({ deps, request, body, tenantId }) => {
  const { revokeOthers } = body;
  return {
    status: 201,
    jsonBody: await issueKey(deps, tenantId, pathId(request, 'agentId'), { revokeOthers }),
  };
});
