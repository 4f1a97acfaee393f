import * as z from 'zod';
import { chooseSite } from '../shared/connection/choose-site.ts';
import { connectionView } from '../shared/connection/view.ts';
import { connection } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';

const description = {
  summary: 'Picks the site to sync, or another one: from `pending.sites` while a reconnect waits, else from `sites`.',
  body: z.strictObject({ cloudId: z.string().min(1).max(100) }),
  answer: connection,
};

dashboardRoute('site-put', description, async ({ deps, body, tenantId }) => {
  return { jsonBody: await connectionView(deps, await chooseSite(deps, tenantId, body.cloudId)) };
});
