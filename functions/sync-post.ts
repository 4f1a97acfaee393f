import * as z from 'zod';
import { syncTriggered } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';
import { triggerSync } from '../shared/sync/trigger.ts';

const description = {
  summary: 'Trigger sync: a full run now, or the one under way; a delta and `fullAt` when the points are spent.',
  body: z.strictObject({}),
  status: 202,
  answer: syncTriggered,
};

dashboardRoute('sync-post', description, async ({ deps, tenantId }) => {
  return { status: 202, jsonBody: await triggerSync(deps, tenantId) };
});
