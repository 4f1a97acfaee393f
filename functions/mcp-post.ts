import { agentRoute } from '../shared/platform/http-function.ts';
import { answerMcp } from '../shared/tool/mcp.ts';

const description = { summary: 'The same operations over the Model Context Protocol (Streamable HTTP, stateless).' };

agentRoute('mcp-post', description, async ({ deps, request, agent, traceId }) => {
  const answer = await answerMcp(
    { deps, agent, traceId },
    new Request(request.url, {
      method: 'POST',
      headers: {
        'content-type': request.headers.get('content-type') ?? '',
        'mcp-protocol-version': request.headers.get('mcp-protocol-version') ?? '2025-03-26',
        // The answer is always JSON; clients that name only that, or nothing, are served as well.
        accept: 'application/json, text/event-stream',
      },
      body: await request.text(),
    }),
  );
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
});
