/**
 * What a failed call to Atlassian means for us. Each kind has one reaction; `classify.ts` maps answers to kinds.
 * - `token_rejected`: refresh once and retry once, however fresh the token seemed
 * - `scope_missing`: this call or pass fails; a refresh does not help
 * - `access_lost`: the account may no longer use Confluence; confirmed with a fresh token before it counts
 * - `app_blocked`: an administrator's data security policy keeps apps out; never changes the connection
 * - `forbidden`: 403 for another reason
 * - `not_found`: not there, or not visible to this account: Confluence does not say which
 * - `bad_request`: Confluence refused the request's form
 * - `gone`: an end point that Atlassian has removed
 * - `throttled`: 429; `quota` says whether the hourly points are spent
 * - `grant_rejected`: the refresh token or code was refused by the token end point
 * - `client_secret_invalid`: our own configuration is wrong: an operator's alarm, not the customer's
 * - `outage`: 5xx, no answer, time-out
 * - `too_large`: the answer exceeds the limit
 * - `malformed`: the answer's envelope is not what the API documents
 */
export type AtlassianErrorKind =
  | 'token_rejected'
  | 'scope_missing'
  | 'access_lost'
  | 'app_blocked'
  | 'forbidden'
  | 'not_found'
  | 'bad_request'
  | 'gone'
  | 'throttled'
  | 'grant_rejected'
  | 'client_secret_invalid'
  | 'outage'
  | 'too_large'
  | 'malformed';

/** Why a 429 was sent, as far as the headers tell. */
export interface Throttle {
  /** The hour's points are spent: every tenant waits (on Tier 2 only this one). Otherwise a burst limit. */
  readonly quota: boolean;
  /** The earliest next attempt. `undefined` when the answer names none: back off as for an outage. */
  readonly resumeAt: Date | undefined;
}

/** A call to Atlassian that did not give what was asked. Holds no token and no content. */
export class AtlassianError extends Error {
  override name = 'AtlassianError' as const;
  readonly kind: AtlassianErrorKind;
  readonly status: number | undefined;
  readonly traceId: string | undefined;
  readonly throttle: Throttle | undefined;
  /** No answer within the time limit: a smaller request may get one. */
  readonly timedOut: boolean;

  constructor(
    kind: AtlassianErrorKind,
    message: string,
    details: { status?: number; traceId?: string | undefined; throttle?: Throttle; timedOut?: boolean } = {},
  ) {
    super(message);
    this.kind = kind;
    this.status = details.status;
    this.traceId = details.traceId;
    this.throttle = details.throttle;
    this.timedOut = details.timedOut ?? false;
  }

  /** Worth the same request again a little later. */
  get transient(): boolean {
    return this.kind === 'outage' || this.kind === 'throttled' || this.kind === 'malformed';
  }
}
