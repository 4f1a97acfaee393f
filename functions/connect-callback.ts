import { handleCallback } from '../shared/connection/callback.ts';
import { renderCallbackPage } from '../shared/connection/callback-page.ts';
import { publicRoute } from '../shared/platform/http-function.ts';

publicRoute('connect-callback', async ({ deps, request: { query } }) => {
  const outcome = await handleCallback(deps, {
    state: query.get('state'),
    code: query.get('code'),
    error: query.get('error'),
  });
  return renderCallbackPage(deps.settings, outcome);
});
