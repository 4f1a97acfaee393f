import * as z from 'zod';
import { operationResult } from '../shared/platform/api-answers.ts';
import { agentRoute, readBody } from '../shared/platform/http-function.ts';
import { callOperation } from '../shared/tool/call.ts';

const description = { summary: 'Calls an operation; the body is its arguments.', answer: operationResult };

const argumentsSchema = z.record(z.string(), z.unknown());

agentRoute('tool-call', description, async ({ deps, request, agent, traceId }) => {
  const operation = request.params.operation ?? '';
  // Read inside the call, so that a body that is no JSON leaves an audit line as well.
  const args = () => readBody(request, argumentsSchema);
  const result = await callOperation(deps, { agent, operation, args, transport: 'http', traceId });
  return { jsonBody: { operation, result } };
});
