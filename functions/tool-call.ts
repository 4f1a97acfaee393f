import * as z from 'zod';
import { agentRoute, readBody } from '../shared/platform/http-function.ts';
import { callOperation } from '../shared/tool/call.ts';

const argumentsSchema = z.record(z.string(), z.unknown());

agentRoute('tool-call', async ({ deps, request, agent, traceId }) => {
  const operation = request.params.operation ?? '';
  const args = () => readBody(request, argumentsSchema);
  const result = await callOperation(deps, { agent, operation, args, transport: 'http', traceId });
  return { jsonBody: { operation, result } };
});
