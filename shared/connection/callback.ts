import { setTimeout as delay } from 'node:timers/promises';
import type { JSONObject } from '@azure/cosmos';
import { AtlassianError } from '../atlassian/errors.ts';
import { exchangeCode, type IssuedTokens } from '../atlassian/oauth.ts';
import { getAccount, listSites, type Site } from '../atlassian/resources.ts';
import type { Deps } from '../platform/deps.ts';
import { hasStatus, runBatch, type Stored } from '../platform/items.ts';
import { SecretText } from '../platform/secret-text.ts';
import { findState, type OAuthState, type StateProblem } from './oauth-state.ts';
import { freshSecretName, randomSecret } from './random-name.ts';
import type { Grant } from './record.ts';
import { newUnclaimedGrant, type UnclaimedGrant } from './unclaimed-grant.ts';
import { eraseSecret, writeTokens } from './vault.ts';

/** What Atlassian's redirect carries. */
export interface CallbackQuery {
  readonly state: string | null;
  readonly code: string | null;
  readonly error: string | null;
}

/** How an attempt to connect came back; `callback-page.ts` words each. */
export type CallbackOutcome =
  | {
      readonly status: 'granted';
      readonly completion: string;
      readonly sites: readonly Site[];
      readonly account: Account;
    }
  | { readonly status: 'denied' }
  | { readonly status: 'invalid_state'; readonly problem: StateProblem }
  | { readonly status: 'no_confluence_site'; readonly account: Account }
  | { readonly status: 'failed' };

interface Account {
  readonly accountId: string;
  readonly name?: string;
}

/**
 * Atlassian's redirect. Uses the state up, exchanges the code and keeps the grant unclaimed: it does nothing until the
 * dashboard of the tenant that asked sends the completion. A failure leaves the tenant's connection as it was.
 */
export async function handleCallback(deps: Deps, query: CallbackQuery): Promise<CallbackOutcome> {
  let tenantId: string | undefined;
  try {
    const state = await findState(deps, query.state);
    if ('problem' in state) return { status: 'invalid_state', problem: state.problem };
    tenantId = state.item.tenantId;
    const completion = randomSecret();
    const unclaimed = newUnclaimedGrant(deps, tenantId, completion, freshSecretName());
    if (!(await useUp(deps, state, query.code ? unclaimed : undefined))) {
      return { status: 'invalid_state', problem: 'used' };
    }
    if (query.code) return await takeGrant(deps, unclaimed, completion, new SecretText(query.code));
    return query.error === 'access_denied' ? { status: 'denied' } : failed(deps, tenantId, query.error);
  } catch (error) {
    // A person looks at this: whatever fails, they get a page that reads, and the dashboard its message.
    return failed(deps, tenantId, error);
  }
}

/** Marks the state and begins the grant in one batch; `false` when another request was faster. */
async function useUp(
  deps: Deps,
  { item, etag }: Stored<OAuthState>,
  unclaimed: UnclaimedGrant | undefined,
): Promise<boolean> {
  const used: OAuthState = { ...item, usedAt: deps.now().toISOString() };
  try {
    await runBatch(deps.control, item.tenantId, [
      { operationType: 'Replace', id: item.id, ifMatch: etag, resourceBody: used as unknown as JSONObject },
      ...(unclaimed ? [{ operationType: 'Create' as const, resourceBody: unclaimed as unknown as JSONObject }] : []),
    ]);
    return true;
  } catch (error) {
    if (hasStatus(error, 404, 412)) return false;
    throw error;
  }
}

/**
 * Code → tokens → account and sites → vault → record. The tokens are looked at before they are stored: a grant that
 * reaches no Confluence site is forgotten without having been kept anywhere.
 */
async function takeGrant(
  deps: Deps,
  unclaimed: UnclaimedGrant,
  completion: string,
  code: SecretText,
): Promise<CallbackOutcome> {
  const { secretName } = unclaimed;
  try {
    const tokens = await exchangeCode(deps, code);
    const [sites, account] = await Promise.all([
      patiently(() => listSites(deps, tokens.accessToken)),
      patiently(() => getAccount(deps, tokens.accessToken)),
    ]);
    if (sites.length === 0) {
      await forget(deps, unclaimed);
      return { status: 'no_confluence_site', account };
    }
    await writeTokens(deps, secretName, tokens);
    const grant = newGrant(deps, secretName, account, tokens);
    await keep(deps, unclaimed, { grant, sites, ...(account.name ? { accountName: account.name } : {}) });
    return { status: 'granted', completion, sites, account };
  } catch (error) {
    await forget(deps, unclaimed);
    throw error;
  }
}

function newGrant(deps: Deps, secretName: string, account: Account, tokens: IssuedTokens): Grant {
  return {
    secretName,
    accountId: account.accountId,
    scopes: tokens.scopes,
    grantedAt: deps.now().toISOString(),
    tokenExpiresAt: tokens.expiresAt.toISOString(),
    rotations: 1,
  };
}

async function keep(
  deps: Deps,
  { id, tenantId }: UnclaimedGrant,
  granted: NonNullable<UnclaimedGrant['granted']>,
): Promise<void> {
  await deps.control.item(id, tenantId).patch([{ op: 'set', path: '/granted', value: granted }]);
}

/** Erases what the attempt may have left. Should this fail, the grant lapses and the timer does it. */
async function forget(deps: Deps, { id, tenantId, secretName }: UnclaimedGrant): Promise<void> {
  try {
    await eraseSecret(deps, secretName);
    await deps.control.item(id, tenantId).delete();
  } catch (error) {
    deps.log.warn('unclaimed_grant_left_to_lapse', { tenantId, error });
  }
}

/** A person is waiting and the code is spent: a hiccup of Atlassian's gets three chances. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof AtlassianError && error.transient) || attempt >= 3) throw error;
      await delay(300 * 2 ** attempt);
    }
  }
}

function failed(deps: Deps, tenantId: string | undefined, error: unknown): CallbackOutcome {
  if (error instanceof AtlassianError && error.kind === 'client_secret_invalid') {
    deps.log.error('atlassian_client_secret_invalid', { hint: 'set ATLASSIAN_CLIENT_ID and ATLASSIAN_CLIENT_SECRET' });
  } else {
    deps.log.error('connect_failed', { tenantId, error });
  }
  return { status: 'failed' };
}
