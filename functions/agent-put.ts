import { agent } from '../shared/platform/api-answers.ts';
import { dashboardRoute, pathId } from '../shared/platform/http-function.ts';
import { agentAccessSchema, groupsOf } from '../shared/tool/agent-access.ts';
import { putAgent } from '../shared/tool/agent-record.ts';

const description = {
  summary: 'Sets what an agent may do, by a profile or by groups; it works on the next call.',
  body: agentAccessSchema,
  answer: agent,
};

dashboardRoute('agent-put', description, async ({ deps, request, body, tenantId }) => {
  return { jsonBody: await putAgent(deps, tenantId, pathId(request, 'agentId'), groupsOf(body)) };
});
