import { z } from 'zod';
import { findSite } from '../content/sites.ts';
import { json } from '../http/exchange.ts';
import { answerConsentCall } from '../oauth/authorize.ts';
import { recordGrant, revokeGrant, siteNumbers, startFamily } from '../oauth/grants.ts';
import type { Simulator } from '../simulator.ts';
import { type ControlRequest, type ControlRoute, Refused } from './request.ts';

const accountSchema = z.strictObject({
  accountId: z.string().min(1),
  displayName: z.string().min(1),
  email: z.email(),
  timeZone: z.string().default('UTC'),
  canSignIn: z.boolean().default(true),
});

function createAccount({ simulator, body }: ControlRequest) {
  const account = accountSchema.parse(body);
  simulator.database.run(
    'INSERT OR REPLACE INTO account (accountId, displayName, email, timeZone, updatedAt, canSignIn) VALUES (?, ?, ?, ?, ?, ?)',
    account.accountId,
    account.displayName,
    account.email,
    account.timeZone,
    simulator.clock.now(),
    account.canSignIn ? 1 : 0,
  );
  return json(201, account);
}

const accountChangeSchema = z.strictObject({
  displayName: z.string().min(1).optional(),
  timeZone: z.string().optional(),
  status: z.enum(['active', 'inactive', 'closed']).optional(),
});

/** Renames or closes an account; a closed one signs in nowhere and its tokens are dead. */
function changeAccount({ simulator, params, body }: ControlRequest) {
  const { displayName, timeZone, status } = accountChangeSchema.parse(body);
  const changed = simulator.database.run(
    `UPDATE account SET displayName = coalesce(?, displayName), timeZone = coalesce(?, timeZone),
       status = coalesce(?, status), updatedAt = ? WHERE accountId = ?`,
    displayName ?? null,
    timeZone ?? null,
    status ?? null,
    simulator.clock.now(),
    params.accountId ?? '',
  );
  if (changed === 0) throw new Refused(404, `there is no account ${params.accountId}`);
  return json(200, simulator.database.get('SELECT * FROM account WHERE accountId = ?', params.accountId ?? ''));
}

const siteAccessSchema = z.strictObject({ accountId: z.string(), cloudId: z.string(), confluence: z.boolean() });

/** Gives or takes product access. `confluence: false` keeps the site but answers 403 on it. */
function setSiteAccess({ simulator, body }: ControlRequest) {
  const { accountId, cloudId, confluence } = siteAccessSchema.parse(body);
  const site = findSite(simulator, cloudId);
  if (!site) throw new Refused(404, `there is no site with the cloudId ${cloudId}`);
  simulator.database.run(
    'INSERT OR REPLACE INTO siteAccess VALUES (?, ?, ?)',
    accountId,
    site.site,
    confluence ? 1 : 0,
  );
  return json(200, { accountId, cloudId, confluence });
}

const consentSchema = z.strictObject({
  authorizeUrl: z.url(),
  accountId: z.string(),
  cloudIds: z.array(z.string()).default([]),
  accept: z.boolean().default(true),
});

function consent({ simulator, body }: ControlRequest) {
  const { authorizeUrl, ...decision } = consentSchema.parse(body);
  return answerConsentCall(simulator, authorizeUrl, decision);
}

const grantSchema = z.strictObject({
  accountId: z.string(),
  cloudIds: z.array(z.string()),
  /** Default: everything that the app registered, with `offline_access`. */
  scopes: z.array(z.string()).optional(),
});

/** A grant and its first tokens without the detour over consent and code, for tests and benchmarks. */
function createGrant({ simulator, body }: ControlRequest) {
  const { accountId, cloudIds, scopes } = grantSchema.parse(body);
  const granted = scopes ?? ['offline_access', ...simulator.app.current.scopes];
  recordGrant(simulator, { accountId, scopes: granted, sites: siteNumbers(simulator, cloudIds) });
  return json(201, startFamily(simulator, accountId, granted));
}

const revokeSchema = z.strictObject({ accountId: z.string(), cloudId: z.string().optional() });

/** The user removes the app: from their account, or (with `cloudId`) from one site. */
function revoke({ simulator, body }: ControlRequest) {
  const { accountId, cloudId } = revokeSchema.parse(body);
  return json(200, {
    revoked: revokeGrant(simulator, accountId, cloudId === undefined ? undefined : numberOf(simulator, cloudId)),
  });
}

function numberOf(simulator: Simulator, cloudId: string): number {
  const site = findSite(simulator, cloudId);
  if (!site) throw new Refused(404, `there is no site with the cloudId ${cloudId}`);
  return site.site;
}

/** Ends every access token at once, as if its hour were over; refresh tokens stay. */
function expireAccessTokens({ simulator }: ControlRequest) {
  const expired = simulator.database.run('UPDATE accessToken SET expiresAt = ?', simulator.clock.now() - 1);
  return json(200, { expired });
}

/** Accounts, product access, consent and grants. */
export const accessRoutes: readonly ControlRoute[] = [
  [
    'GET',
    '/accounts',
    ({ simulator }) => json(200, { accounts: simulator.database.all('SELECT * FROM account WHERE canSignIn = 1') }),
  ],
  ['POST', '/accounts', createAccount],
  ['PATCH', '/accounts/:accountId', changeAccount],
  ['PUT', '/access', setSiteAccess],
  ['POST', '/consent', consent],
  ['POST', '/grants', createGrant],
  ['POST', '/grants/revoke', revoke],
  ['POST', '/tokens/expire', expireAccessTokens],
];
