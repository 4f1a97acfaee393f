import { setTimeout as delay } from 'node:timers/promises';
import { AtlassianError } from '../atlassian/errors.ts';
import type { Deps } from '../platform/deps.ts';
import type { Stored } from '../platform/items.ts';
import { ProblemError } from '../platform/problem.ts';
import { SecretText } from '../platform/secret-text.ts';
import { type Connection, type Grant, readConnection } from './record.ts';
import { isFit, refreshTokens } from './refresh.ts';
import { readTokens, type StoredTokens } from './vault.ts';

export interface AccessTokenOptions {
  /** A token that Atlassian has just refused: it is never given again, whatever its age says. */
  readonly rejected?: SecretText | undefined;
  /** How long this caller can wait for a refresh, its own or another process's. Default `REFRESH_WAIT_SECONDS`. */
  readonly waitMs?: number | undefined;
  /** The connection, when the caller has read it just now: saves reading it again. */
  readonly connection?: Stored<Connection> | undefined;
  /** Also for a connection that waits for its customer: to finish a refresh, or to confirm what is wrong. */
  readonly evenUnusable?: boolean | undefined;
}

/** What this process knows of one connection's tokens. */
interface Known {
  held?: { readonly grant: Pick<Grant, 'secretName' | 'rotations'>; readonly tokens: StoredTokens };
  rejected?: SecretText;
  flight?: Promise<SecretText> | undefined;
  /** When tokens were refused, of the last minute. */
  refusals: number[];
}

/** Atlassian refusing one fresh token after another is its trouble: refreshing for each call would only add to it. */
const MAX_REFUSALS_PER_MINUTE = 10;
const MAX_KNOWN = 2_000;
/** By client of the vault, which a process has one of, and by tenant. */
const knownByClient = new WeakMap<Deps['secrets'], Map<string, Known>>();

/**
 * The connection's access token, good for at least five more minutes. However many callers ask at once, in however many
 * processes: one reads the vault in each process, and one in all of them exchanges the refresh token.
 *
 * The connection is read every time, because it says whether somebody is refreshing: then nobody goes on with the old
 * token, not even a valid one. Should that process have died, its exchange would otherwise go unnoticed until
 * Atlassian's leeway of ten minutes is over and the grant lost.
 *
 * @throws {ProblemError} 409 `not_connected` or `reconnect_required`
 * @throws {AtlassianError} transient: the refresh failed or did not end within `waitMs`
 */
export async function getAccessToken(
  deps: Deps,
  tenantId: string,
  options: AccessTokenOptions = {},
): Promise<SecretText> {
  const known = knownOf(deps, tenantId);
  const { rejected, waitMs = deps.settings.REFRESH_WAIT_SECONDS * 1000 } = options;
  if (rejected) noteRefusal(known, rejected);
  const token = await within(join(deps, tenantId, known, options), waitMs);
  if (!rejected || !SecretText.equal(token, rejected)) return token;
  // The flight that we joined had begun before anybody knew that its token was refused.
  return within(join(deps, tenantId, known, options), waitMs);
}

/** Throws once too many fresh tokens were refused within a minute; the refused one then simply stays in use. */
function noteRefusal(known: Known, rejected: SecretText): void {
  if (known.rejected && SecretText.equal(known.rejected, rejected)) return;
  const now = performance.now();
  known.refusals = known.refusals.filter((at) => now - at < 60_000);
  if (known.refusals.length >= MAX_REFUSALS_PER_MINUTE) {
    throw new AtlassianError('token_rejected', 'Atlassian refuses one fresh token after another');
  }
  known.refusals.push(now);
  known.rejected = rejected;
}

function join(deps: Deps, tenantId: string, known: Known, options: AccessTokenOptions): Promise<SecretText> {
  if (options.evenUnusable) return obtain(deps, tenantId, known, options);
  known.flight ??= obtain(deps, tenantId, known, options).finally(() => {
    known.flight = undefined;
  });
  return known.flight;
}

async function obtain(
  deps: Deps,
  tenantId: string,
  known: Known,
  { connection, evenUnusable = false }: AccessTokenOptions,
): Promise<SecretText> {
  const giveUpAt = performance.now() + deps.settings.REFRESH_WAIT_SECONDS * 1000;
  for (let stored = connection; ; stored = undefined) {
    stored ??= await readConnection(deps, tenantId);
    const grant = usableGrant(stored?.item, evenUnusable);
    const { refreshLease } = stored?.item ?? {};
    if (!refreshLease) {
      const token = await fitToken(deps, grant, known);
      if (token) return token;
    }
    if (refreshLease && Date.parse(refreshLease.until) > deps.now().getTime()) {
      if (performance.now() >= giveUpAt) throw stillRefreshing();
      await delay(deps.settings.REFRESH_POLL_MS * (0.7 + 0.6 * Math.random()));
      continue;
    }
    const refreshed = stored && (await refreshTokens(deps, stored, known.rejected));
    if (refreshed) {
      known.held = refreshed;
      return refreshed.tokens.accessToken;
    }
  }
}

/** The token as it is known here or stands in the vault; `undefined` when it has to be refreshed. */
async function fitToken(deps: Deps, grant: Grant, known: Known): Promise<SecretText | undefined> {
  const { held } = known;
  const isCurrent = held?.grant.secretName === grant.secretName && held.grant.rotations === grant.rotations;
  if (!held || !isCurrent) {
    const secret = await readTokens(deps, grant.secretName);
    if (!secret) return undefined;
    known.held = { grant, tokens: secret.tokens };
  }
  const tokens = known.held?.tokens;
  return tokens && isFit(deps, tokens, known.rejected) ? tokens.accessToken : undefined;
}

function usableGrant(connection: Connection | undefined, evenUnusable: boolean): Grant {
  const { status, grant } = connection ?? {};
  if (grant && (status === 'connected' || (evenUnusable && status === 'reconnect_required'))) return grant;
  throw notUsable(status);
}

/** Why a connection cannot be used, in the words of the API. */
export function notUsable(status: Connection['status'] | undefined): ProblemError {
  if (status === 'reconnect_required') {
    return new ProblemError(
      409,
      'reconnect_required',
      'The connection to Confluence has to be renewed: choose Reconnect in the dashboard.',
    );
  }
  return new ProblemError(
    409,
    'not_connected',
    status === 'choosing_site'
      ? 'Confluence is not connected yet: pick the site in the dashboard.'
      : 'Confluence is not connected: choose Connect in the dashboard.',
  );
}

function stillRefreshing(): AtlassianError {
  return new AtlassianError('outage', 'another process is refreshing the token and has not finished');
}

/** A caller's own patience; the flight goes on for the others and stores what it gets. */
async function within(flight: Promise<SecretText>, waitMs: number): Promise<SecretText> {
  const over = new AbortController();
  try {
    return await Promise.race([
      flight,
      delay(waitMs, undefined, { signal: over.signal, ref: false }).then(() => Promise.reject(stillRefreshing())),
    ]);
  } finally {
    over.abort();
  }
}

function knownOf(deps: Deps, tenantId: string): Known {
  const tenants = knownByClient.get(deps.secrets) ?? new Map<string, Known>();
  knownByClient.set(deps.secrets, tenants);
  const known = tenants.get(tenantId) ?? { refusals: [] };
  tenants.delete(tenantId);
  tenants.set(tenantId, known);
  // The least recently used ones are forgotten; a flight keeps its own reference.
  for (const oldest of tenants.keys()) {
    if (tenants.size <= MAX_KNOWN) break;
    tenants.delete(oldest);
  }
  return known;
}
