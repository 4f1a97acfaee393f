import { handleCallback } from '../shared/connection/callback.ts';
import { renderCallbackPage } from '../shared/connection/callback-page.ts';
import { publicRoute } from '../shared/platform/http-function.ts';

const description = { summary: "Atlassian's redirect. Answers a small page that tells the dashboard and closes." };

publicRoute('connect-callback', description, async ({ deps, request: { query } }) => {
  const outcome = await handleCallback(deps, {
    state: query.get('state'),
    code: query.get('code'),
    error: query.get('error'),
  });
  return renderCallbackPage(deps.settings, outcome);
});
