import { health } from '../shared/platform/api-answers.ts';
import { authenticateDashboard } from '../shared/platform/dashboard-caller.ts';
import { checkHealth } from '../shared/platform/health.ts';
import { publicRoute } from '../shared/platform/http-function.ts';

const description = {
  summary: '`ok` for anyone; with a dashboard token the state of each dependency.',
  answer: health,
};

publicRoute('health-get', description, async ({ deps, request }) => {
  const authorization = request.headers.get('authorization');
  if (authorization === null) return { jsonBody: { status: 'ok' } };
  await authenticateDashboard(deps, authorization);
  const state = await checkHealth(deps);
  return { status: state.status === 'ok' ? 200 : 503, jsonBody: state };
});
