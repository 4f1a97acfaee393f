import * as z from 'zod';
import { completeConnect } from '../shared/connection/complete.ts';
import { connectionView } from '../shared/connection/view.ts';
import { connection } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';

const description = {
  summary: "Accepts the consent that the callback page's message brought.",
  body: z.strictObject({ completion: z.string().min(1).max(200) }),
  answer: connection,
};

dashboardRoute('connect-complete', description, async ({ deps, body, tenantId }) => {
  return { jsonBody: await connectionView(deps, await completeConnect(deps, tenantId, body.completion)) };
});
