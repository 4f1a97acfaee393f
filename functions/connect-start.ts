import * as z from 'zod';
import { startConnect } from '../shared/connection/connect.ts';
import { connectStarted } from '../shared/platform/api-answers.ts';
import { dashboardRoute } from '../shared/platform/http-function.ts';

const description = {
  summary: 'Starts connect or reconnect: open the address in a popup.',
  body: z.strictObject({}),
  status: 201,
  answer: connectStarted,
};

dashboardRoute('connect-start', description, async ({ deps, tenantId }) => {
  return { status: 201, jsonBody: await startConnect(deps, tenantId) };
});
