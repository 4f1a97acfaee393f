import { answerControl } from './control/control.ts';
import { answerGateway } from './gateway/gateway.ts';
import { type Answer, type Exchange, html, json } from './http/exchange.ts';
import { answerAuthorize, answerConsentForm } from './oauth/authorize.ts';
import { answerAccessibleResources, answerMe, answerReportAccounts } from './oauth/resources.ts';
import { answerToken } from './oauth/token-endpoint.ts';
import { renderHome } from './pages/home.ts';
import { answerSitePage } from './pages/site.ts';
import type { Simulator } from './simulator.ts';

/** Which of Atlassian's hosts a request is meant for: one port serves them all, told apart by the path. */
export async function answer(simulator: Simulator, exchange: Exchange): Promise<Answer> {
  const { method, path } = exchange;
  if (path.startsWith('/_simulator')) return answerControl(simulator, exchange);
  if (path.startsWith('/ex/confluence/')) return answerGateway(simulator, exchange);
  if (path.startsWith('/site/')) return answerSitePage(simulator, exchange);
  switch (`${method} ${path}`) {
    case 'GET /':
      return html(200, renderHome(simulator));
    case 'GET /authorize':
      return answerAuthorize(simulator, exchange);
    case 'POST /authorize':
      return answerConsentForm(simulator, exchange);
    case 'POST /oauth/token':
      return answerToken(simulator, exchange);
    case 'GET /oauth/token/accessible-resources':
      return answerAccessibleResources(simulator, exchange);
    case 'GET /me':
      return answerMe(simulator, exchange);
    case 'POST /app/report-accounts/':
    case 'POST /app/report-accounts':
      return answerReportAccounts(simulator, exchange);
    default:
      return json(404, { code: 404, message: 'Not Found' });
  }
}
