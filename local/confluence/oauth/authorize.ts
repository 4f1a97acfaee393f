import { type Answer, type Exchange, html, json } from '../http/exchange.ts';
import { renderConsent, renderRefusal } from '../pages/consent.ts';
import type { Simulator } from '../simulator.ts';
import { issueCode, recordGrant, siteNumbers } from './grants.ts';

export interface AuthorizeRequest {
  redirectUri: string;
  state: string;
  requestedScopes: string[];
}

/** What is wrong with an authorize query, or the parsed request. A wrong query never redirects: nobody vouches for its target. */
export function parseAuthorize(simulator: Simulator, query: URLSearchParams): AuthorizeRequest | { problem: string } {
  const { clientId, callbackUrls } = simulator.app.current;
  const value = (name: string) => query.get(name) ?? '';
  if (value('client_id') !== clientId) return { problem: 'client_id: there is no such app' };
  if (!callbackUrls.includes(value('redirect_uri'))) {
    return { problem: `redirect_uri is not registered for client: ${value('redirect_uri')}` };
  }
  if (value('response_type') !== 'code') return { problem: 'response_type must be code' };
  if (value('audience') !== 'api.atlassian.com') return { problem: 'audience must be api.atlassian.com' };
  if (value('prompt') !== 'consent') return { problem: 'prompt must be consent' };
  if (value('state') === '') return { problem: 'state is missing' };
  const requestedScopes = value('scope').split(' ').filter(Boolean);
  if (requestedScopes.length === 0) return { problem: 'scope is missing' };
  return { redirectUri: value('redirect_uri'), state: value('state'), requestedScopes };
}

export interface ConsentAccount {
  accountId: string;
  displayName: string;
  email: string;
}
export interface ConsentSite {
  cloudId: string;
  name: string;
  url: string;
  confluence: boolean;
  jira: boolean;
}

/** `GET /authorize`: the page on which the user chooses an account and sites. */
export function answerAuthorize(simulator: Simulator, exchange: Exchange): Answer {
  const request = parseAuthorize(simulator, exchange.query);
  if ('problem' in request) return html(400, renderRefusal(request.problem));
  const accounts = consentAccounts(simulator);
  const chosen = accounts.find((account) => account.accountId === exchange.query.get('account')) ?? accounts[0];
  const original = new URLSearchParams(exchange.rawQuery);
  original.delete('account');
  const page = renderConsent({
    appName: simulator.app.current.name,
    scopes: simulator.app.grantable(request.requestedScopes),
    accounts,
    chosen,
    sites: chosen ? consentSites(simulator, chosen.accountId) : [],
    query: original.toString(),
  });
  return html(200, page, { 'cache-control': 'no-store' });
}

/** `POST /authorize`: the consent form. Fields: `request` (the authorize query), `account`, `site` (repeated), `decision`. */
export async function answerConsentForm(simulator: Simulator, exchange: Exchange): Promise<Answer> {
  const form = new URLSearchParams(await exchange.body());
  const result = decide(simulator, {
    query: new URLSearchParams(form.get('request') ?? ''),
    accept: form.get('decision') === 'accept',
    accountId: form.get('account') ?? '',
    cloudIds: form.getAll('site'),
  });
  if ('problem' in result) return html(400, renderRefusal(result.problem));
  return { status: 302, headers: { location: result.location, 'cache-control': 'no-store' } };
}

export interface Decision {
  query: URLSearchParams;
  accept: boolean;
  accountId: string;
  cloudIds: readonly string[];
}

/** What the browser would be redirected to after the user's decision. */
export function decide(simulator: Simulator, decision: Decision): { location: string } | { problem: string } {
  const request = parseAuthorize(simulator, decision.query);
  if ('problem' in request) return request;
  const callback = new URL(request.redirectUri);
  if (!decision.accept) {
    callback.searchParams.set('error', 'access_denied');
    callback.searchParams.set('error_description', 'User did not authorize the request');
    callback.searchParams.set('state', request.state);
    return { location: callback.href };
  }
  const { accountId } = decision;
  if (!consentAccounts(simulator).some((account) => account.accountId === accountId)) {
    return { problem: `there is no account ${accountId} to sign in with` };
  }
  const offered = consentSites(simulator, accountId).map((site) => site.cloudId);
  const unknown = decision.cloudIds.find((cloudId) => !offered.includes(cloudId));
  if (unknown) return { problem: `this account has no access to the site ${unknown}` };
  if (offered.length > 0 && decision.cloudIds.length === 0) return { problem: 'choose at least one site' };
  const scopes = simulator.app.grantable(request.requestedScopes);
  recordGrant(simulator, { accountId, scopes, sites: siteNumbers(simulator, decision.cloudIds) });
  callback.searchParams.set('state', request.state);
  callback.searchParams.set('code', issueCode(simulator, accountId, scopes, request.redirectUri));
  return { location: callback.href };
}

/** `POST /_simulator/consent` `{authorizeUrl, accountId, cloudIds, accept?}` → `{location}`: consent without a browser. */
export function answerConsentCall(simulator: Simulator, authorizeUrl: string, rest: Omit<Decision, 'query'>): Answer {
  const result = decide(simulator, { ...rest, query: new URL(authorizeUrl).searchParams });
  return 'problem' in result ? json(400, { error: result.problem }) : json(200, result);
}

export function consentAccounts({ database }: Simulator): ConsentAccount[] {
  return database.all<ConsentAccount>(
    "SELECT accountId, displayName, email FROM account WHERE canSignIn = 1 AND status = 'active' ORDER BY displayName",
  );
}

export function consentSites({ database }: Simulator, accountId: string): ConsentSite[] {
  return database
    .all<{ cloudId: string; name: string; url: string; confluence: number; jira: number }>(
      `SELECT s.cloudId, s.name, s.url, s.confluence AND a.confluence AS confluence, s.jira
       FROM site s JOIN siteAccess a USING (site) WHERE a.accountId = ? AND s.removed = 0 ORDER BY s.site`,
      accountId,
    )
    .map((row) => ({ ...row, confluence: row.confluence === 1, jira: row.jira === 1 }));
}
