import * as z from 'zod';
import { disconnect } from '../shared/connection/disconnect.ts';
import { connectionView } from '../shared/connection/view.ts';
import { connection } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';

const description = {
  summary: 'Disconnects: search and tool refuse at once, the tokens are erased. `index=delete` also deletes the index.',
  query: z.object({ index: z.literal('delete').optional() }),
  answer: connection,
};

dashboardRoute('connection-delete', description, async ({ deps, query, tenantId }) => {
  const eraseIndex = query.index === 'delete';
  return { jsonBody: await connectionView(deps, await disconnect(deps, tenantId, { eraseIndex })) };
});
