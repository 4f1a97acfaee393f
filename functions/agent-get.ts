import { agent } from '../shared/platform/api-answers.ts';
import { dashboardRoute, pathId } from '../shared/platform/http-function.ts';
import { getAgent } from '../shared/tool/agent-record.ts';

const description = { summary: "An agent's access to Confluence.", answer: agent };

dashboardRoute('agent-get', description, async ({ deps, request, tenantId }) => ({
  jsonBody: await getAgent(deps, tenantId, pathId(request, 'agentId')),
}));
