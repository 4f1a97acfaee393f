import { authenticateDashboard } from '../shared/platform/dashboard-caller.ts';
import { checkHealth } from '../shared/platform/health.ts';
import { publicRoute } from '../shared/platform/http-function.ts';

publicRoute('health-get', async ({ deps, request }) => {
  const authorization = request.headers.get('authorization');
  if (authorization === null) return { jsonBody: { status: 'ok' } };
  await authenticateDashboard(deps, authorization);
  const health = await checkHealth(deps);
  return { status: health.status === 'ok' ? 200 : 503, jsonBody: health };
});
