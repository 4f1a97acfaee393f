import { z } from 'zod';
import { authenticate } from '../gateway/authenticate.ts';
import { type Answer, type Exchange, empty, json } from '../http/exchange.ts';
import { parseJson } from '../http/parse-json.ts';
import type { Simulator } from '../simulator.ts';

/**
 * `GET /oauth/token/accessible-resources`: every site that the user ever granted to the app, one entry per product, so
 * a site with Jira and Confluence stands there twice under one id. Jira comes first: `[0]` is the wrong one.
 */
export function answerAccessibleResources(simulator: Simulator, exchange: Exchange): Answer {
  const caller = authenticate(simulator, exchange);
  if ('status' in caller) return caller;
  const sites = simulator.database.all<{
    cloudId: string;
    url: string;
    name: string;
    confluence: number;
    jira: number;
  }>(
    `SELECT s.cloudId, s.url, s.name, s.confluence, s.jira FROM grantSite g JOIN site s USING (site)
     WHERE g.clientId = ? AND g.accountId = ? AND s.removed = 0 ORDER BY s.jira DESC, s.name`,
    caller.clientId,
    caller.accountId,
  );
  const confluenceScopes = caller.scopes.filter((scope) => scope.endsWith(':confluence'));
  const entries = sites.flatMap((site) => {
    const common = { id: site.cloudId, url: site.url, name: site.name };
    const avatar = (product: string) =>
      `https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/${product}.png`;
    return [
      ...(site.jira ? [{ ...common, scopes: ['read:jira-work', 'read:jira-user'], avatarUrl: avatar('koala') }] : []),
      ...(site.confluence && confluenceScopes.length > 0
        ? [{ ...common, scopes: confluenceScopes, avatarUrl: avatar('rocket') }]
        : []),
    ];
  });
  return json(200, entries);
}

/** `GET /me`: the user behind the token; wants `read:me`. */
export function answerMe(simulator: Simulator, exchange: Exchange): Answer {
  const caller = authenticate(simulator, exchange);
  if ('status' in caller) return caller;
  if (!caller.scopes.includes('read:me')) return json(403, { code: 403, message: 'Forbidden' });
  const account = simulator.database.get<{ displayName: string; email: string; timeZone: string }>(
    'SELECT displayName, email, timeZone FROM account WHERE accountId = ?',
    caller.accountId,
  );
  return json(200, {
    account_type: 'atlassian',
    account_id: caller.accountId,
    email: account?.email,
    name: account?.displayName,
    nickname: account?.displayName,
    picture: `https://avatar-management.services.atlassian.com/${caller.accountId}/128`,
    account_status: 'active',
    characteristics: { not_mentionable: false },
    zoneinfo: account?.timeZone,
    locale: 'en-GB',
    last_updated: new Date(simulator.clock.now()).toISOString(),
    extended_profile: {},
    email_verified: true,
  });
}

const reportSchema = z.object({
  accounts: z.array(z.object({ accountId: z.string().min(1), updatedAt: z.iso.datetime({ offset: true }) })).max(90),
});

/** `POST /app/report-accounts/`: which of the reported accounts were closed or changed since the app read them. */
export async function answerReportAccounts(simulator: Simulator, exchange: Exchange): Promise<Answer> {
  const caller = authenticate(simulator, exchange);
  if ('status' in caller) return caller;
  const report = reportSchema.safeParse(parseJson(await exchange.body()));
  if (!report.success) return json(400, { errorType: 'bad-request', errorMessage: z.prettifyError(report.error) });
  const accounts = report.data.accounts.flatMap(({ accountId, updatedAt }) => {
    const account = simulator.database.get<{ status: string; updatedAt: number }>(
      'SELECT status, updatedAt FROM account WHERE accountId = ?',
      accountId,
    );
    if (account?.status === 'closed') return [{ accountId, status: 'closed' }];
    return account && account.updatedAt > Date.parse(updatedAt) ? [{ accountId, status: 'updated' }] : [];
  });
  const headers = { 'cycle-period': '7' };
  return accounts.length === 0 ? empty(204, headers) : json(200, { accounts }, headers);
}
