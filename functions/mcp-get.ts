import { publicRoute } from '../shared/platform/http-function.ts';
import { ProblemError, problemBody } from '../shared/platform/problem.ts';

// There are no sessions and nothing to stream; a GET would otherwise be a stream that never says anything.
const description = { summary: 'There is nothing to stream: 405.' };

publicRoute('mcp-get', description, async ({ traceId }) => ({
  status: 405,
  headers: { 'content-type': 'application/problem+json', allow: 'POST' },
  body: JSON.stringify(
    problemBody(new ProblemError(405, 'method_not_allowed', 'Send POST: each request is answered at once.'), traceId),
  ),
}));
