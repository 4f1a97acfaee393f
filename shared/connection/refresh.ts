import { setTimeout as delay } from 'node:timers/promises';
import type { PatchOperation } from '@azure/cosmos';
import { AtlassianError, type AtlassianErrorKind } from '../atlassian/errors.ts';
import { exchangeRefreshToken, type IssuedTokens } from '../atlassian/oauth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Stored } from '../platform/items.ts';
import { SecretText } from '../platform/secret-text.ts';
import { nextTidyAt } from './due.ts';
import { renewLease, takeLease } from './lease.ts';
import type { Connection, Grant, RefreshLease } from './record.ts';
import { requireReconnect } from './transitions.ts';
import { patchConnection, setOrRemove } from './update.ts';
import { disableVersion, eraseSecret, readTokens, type StoredTokens, writeTokens } from './vault.ts';

/** Tokens that are stored, and the grant that now describes them. */
export interface Refreshed {
  readonly grant: Grant;
  readonly tokens: StoredTokens;
}

const UNCERTAIN: ReadonlySet<AtlassianErrorKind> = new Set(['outage', 'malformed', 'too_large']);

/** One refresh: whose tokens, under which lease. */
interface Job {
  readonly deps: Deps;
  readonly tenantId: string;
  readonly grant: Grant;
  readonly lease: RefreshLease;
  readonly rejected: SecretText | undefined;
  /** A refresh token may have been used up without its successor being stored: by a former owner, or by us. */
  mayHaveLostTokens: boolean;
}

/** Where the tokens stand in the vault right now. */
interface Found {
  readonly secretName: string;
  readonly tokens: StoredTokens;
  readonly version: string;
}

/**
 * Refreshes a connection's tokens under a lease: read the secret again → exchange → store → record → release. Nobody
 * uses a token before it is stored. `undefined` when another process was faster or took over: look again.
 *
 * Dying after the exchange loses nothing for ten minutes: Atlassian accepts the former refresh token again, and whoever
 * finds the expired lease exchanges it. Dying after the write loses nothing at all: the vault is ahead of the record then,
 * and the next owner of the lease only records.
 *
 * @throws {AtlassianError} when the exchange failed; the next attempt waits then
 */
export async function refreshTokens(
  deps: Deps,
  stored: Stored<Connection>,
  rejected: SecretText | undefined,
): Promise<Refreshed | undefined> {
  const { grant, tenantId } = stored.item;
  if (!grant) return undefined;
  refuseDuringCooldown(deps, stored.item);
  const lease = await takeLease(deps, stored);
  if (!lease) return undefined;
  const mayHaveLostTokens = stored.item.refreshLease !== undefined;
  const job: Job = { deps, tenantId, grant, lease, rejected, mayHaveLostTokens };
  try {
    return await refreshUnderLease(job);
  } catch (error) {
    await noteFailure(job, error);
    throw error;
  }
}

function refuseDuringCooldown(deps: Deps, { refreshFailures, tenantId }: Connection): void {
  if (!refreshFailures || Date.parse(refreshFailures.notBefore) <= deps.now().getTime()) return;
  throw new AtlassianError('outage', `the last token refresh of ${tenantId} failed; the next waits a moment`, {
    throttle: { quota: false, resumeAt: new Date(refreshFailures.notBefore) },
  });
}

async function refreshUnderLease(job: Job): Promise<Refreshed | undefined> {
  let found = await findTokens(job);
  for (let attempt = 1; found; attempt += 1) {
    if (isAhead(job, found)) return record(job, found.secretName, found.tokens, job.grant.scopes);
    try {
      return await exchangeAndStore(job, found);
    } catch (error) {
      if (!(error instanceof AtlassianError && error.kind === 'grant_rejected')) throw error;
      const again: Found | undefined = await findTokens(job);
      const changed = again && !SecretText.equal(again.tokens.refreshToken, found.tokens.refreshToken);
      if (!changed || attempt >= 3) return giveUp(job);
      found = again;
    }
  }
  return lostSecret(job);
}

/** The newest tokens: under the fresh name when an earlier owner of the lease got that far, else under the present one. */
async function findTokens({ deps, grant, lease }: Job): Promise<Found | undefined> {
  for (const secretName of [lease.moveTo, grant.secretName]) {
    const secret = secretName === undefined ? undefined : await readTokens(deps, secretName);
    if (secretName !== undefined && secret) return { secretName, ...secret };
  }
  return undefined;
}

/** The vault holds tokens that the record does not know: a former owner died between storing and recording. */
function isAhead({ deps, grant, rejected }: Job, { secretName, tokens }: Found): boolean {
  const isNewer = secretName !== grant.secretName || tokens.expiresAt.toISOString() !== grant.tokenExpiresAt;
  return isNewer && isFit(deps, tokens, rejected);
}

/** Whether an access token may be given out: good for a while yet, and not the one that was just refused. */
export function isFit(
  deps: Pick<Deps, 'settings' | 'now'>,
  { accessToken, expiresAt }: Pick<StoredTokens, 'accessToken' | 'expiresAt'>,
  rejected: SecretText | undefined,
): boolean {
  const leftMs = expiresAt.getTime() - deps.now().getTime();
  if (leftMs <= deps.settings.TOKEN_MIN_VALIDITY_SECONDS * 1000) return false;
  return rejected === undefined || !SecretText.equal(accessToken, rejected);
}

async function exchangeAndStore(job: Job, found: Found): Promise<Refreshed | undefined> {
  const { deps, tenantId, grant, lease } = job;
  // A slow vault may have outlasted the lease; then another process may be exchanging this very token.
  if (!(await renewLease(deps, tenantId, lease))) return undefined;
  const issued = await exchange(job, found);
  const secretName = lease.moveTo ?? grant.secretName;
  if (!(await store(job, secretName, issued))) return undefined;
  const refreshed = await record(job, secretName, issued, issued.scopes);
  if (refreshed && found.secretName === secretName) await disableFormer(job, found);
  return refreshed;
}

/** After no answer, or half an answer, the token may be used up: within the leeway somebody must exchange it again. */
async function exchange(job: Job, { tokens }: Found): Promise<IssuedTokens> {
  try {
    const issued = await exchangeRefreshToken(job.deps, tokens.refreshToken);
    job.mayHaveLostTokens = true;
    return issued;
  } catch (error) {
    if (error instanceof AtlassianError && UNCERTAIN.has(error.kind)) job.mayHaveLostTokens = true;
    throw error;
  }
}

/**
 * Stores the tokens, trying for as long as the lease is ours: nothing else in the world has them. The lease is renewed
 * before each attempt, which also shows a disconnect or a takeover; then they are not stored.
 */
async function store({ deps, tenantId, lease }: Job, secretName: string, tokens: StoredTokens): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    if (!(await renewLease(deps, tenantId, lease))) return false;
    try {
      await writeTokens(deps, secretName, tokens);
      return true;
    } catch (error) {
      deps.log.warn('tokens_not_stored', { tenantId, attempt, error });
      await delay(Math.min(250 * 2 ** attempt, (deps.settings.REFRESH_LEASE_SECONDS * 1000) / 3));
    }
  }
}

/** Writes the record and releases the lease in one patch. */
async function record(
  job: Job,
  secretName: string,
  tokens: StoredTokens,
  scopes: readonly string[],
): Promise<Refreshed | undefined> {
  const { deps, tenantId, lease } = job;
  const moved = secretName !== job.grant.secretName;
  const grant: Grant = {
    ...job.grant,
    secretName,
    tokenExpiresAt: tokens.expiresAt.toISOString(),
    rotations: moved ? 1 : job.grant.rotations + 1,
    scopes: scopes.length > 0 ? scopes : job.grant.scopes,
  };
  const written = await patchConnection(deps, tenantId, (current) => {
    if (current.refreshLease?.owner !== lease.owner || current.grant?.secretName !== job.grant.secretName)
      return undefined;
    return releasing(deps, current, grant);
  });
  if (written) return { grant, tokens };
  await eraseIfOrphaned(job, secretName);
  return undefined;
}

function releasing(deps: Deps, current: Connection, grant: Grant): PatchOperation[] {
  const { refreshLease, refreshFailures, tidyAt: _, ...rest } = current;
  const moved =
    current.grant && current.grant.secretName !== grant.secretName ? [{ name: current.grant.secretName }] : [];
  const secretsToErase = [...(current.secretsToErase ?? []), ...moved];
  const tidyAt = nextTidyAt({ ...rest, secretsToErase }, deps.settings, deps.now());
  return [
    { op: 'set', path: '/grant', value: grant },
    { op: 'remove', path: '/refreshLease' },
    ...setOrRemove('/refreshFailures', undefined, refreshFailures),
    ...(moved.length > 0 ? [{ op: 'set' as const, path: '/secretsToErase', value: secretsToErase }] : []),
    ...setOrRemove('/tidyAt', tidyAt, current.tidyAt),
  ];
}

/** Disconnected or replaced between the lease's renewal and our write: the tokens we wrote must not stay behind. */
async function eraseIfOrphaned({ deps, tenantId }: Job, secretName: string): Promise<void> {
  let inUse = false;
  await patchConnection(deps, tenantId, ({ grant, pending, refreshLease }) => {
    inUse = [grant?.secretName, pending?.grant.secretName, refreshLease?.moveTo].includes(secretName);
    return undefined;
  });
  if (!inUse) await eraseSecret(deps, secretName);
}

/** The former version's tokens are used up; it stays listed in the vault, unreadable. Not worth failing for. */
async function disableFormer({ deps, tenantId }: Job, { secretName, version }: Found): Promise<void> {
  try {
    await disableVersion(deps, secretName, version);
  } catch (error) {
    deps.log.warn('former_version_not_disabled', { tenantId, error });
  }
}

async function giveUp({ deps, tenantId, grant }: Job): Promise<undefined> {
  await requireReconnect(deps, tenantId, 'revoked', { secretName: grant.secretName });
}

/** Without its secret a grant is as lost as a revoked one, but the fault is ours or an operator's. */
async function lostSecret({ deps, tenantId, grant }: Job): Promise<undefined> {
  const connection = await requireReconnect(deps, tenantId, 'revoked', { secretName: grant.secretName });
  // Not when a disconnect erased it in the meantime.
  if (connection?.grant?.secretName === grant.secretName) deps.log.error('tokens_missing_in_vault', { tenantId });
}

/**
 * Makes the next attempt wait: 1 s, doubling to 30 s. When tokens may have been lost the lease stays, running out with
 * the wait: until somebody has exchanged again nobody goes on with the old token, and the timer sees to it.
 */
async function noteFailure(job: Job, error: unknown): Promise<void> {
  const { deps, tenantId, lease } = job;
  if (error instanceof AtlassianError && error.kind === 'client_secret_invalid') {
    deps.log.error('atlassian_client_secret_invalid', { hint: 'set ATLASSIAN_CLIENT_ID and ATLASSIAN_CLIENT_SECRET' });
  } else {
    deps.log.warn('token_refresh_failed', { tenantId, error });
  }
  await patchConnection(deps, tenantId, (current) => {
    if (current.refreshLease?.owner !== lease.owner) return undefined;
    const failures = nextFailures(deps, current, error);
    const keep = job.mayHaveLostTokens || lease.moveTo !== undefined;
    const { refreshLease: _, ...rest } = current;
    const next: Connection = keep ? { ...current, refreshLease: { ...lease, until: failures.notBefore } } : rest;
    return [
      { op: 'set', path: '/refreshFailures', value: failures },
      ...setOrRemove('/refreshLease', next.refreshLease, current.refreshLease),
      ...setOrRemove('/tidyAt', nextTidyAt(next, deps.settings, deps.now()), current.tidyAt),
    ];
  }).catch((failure) => deps.log.warn('refresh_failure_not_recorded', { tenantId, error: failure }));
}

function nextFailures({ settings, now }: Deps, { refreshFailures }: Connection, error: unknown) {
  const { REFRESH_COOLDOWN_MIN_MS: minMs, REFRESH_COOLDOWN_MAX_MS: maxMs } = settings;
  const count = (refreshFailures?.count ?? 0) + 1;
  const backoffEnd = now().getTime() + Math.min(minMs * 2 ** (count - 1), maxMs);
  const resumeAt = error instanceof AtlassianError ? (error.throttle?.resumeAt?.getTime() ?? 0) : 0;
  return { count, notBefore: new Date(Math.max(backoffEnd, resumeAt)).toISOString() };
}
