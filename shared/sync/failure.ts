import { AtlassianError } from '../atlassian/errors.ts';
import type { Settings } from '../platform/settings.ts';
import type { Position } from './position.ts';
import type { Run } from './run.ts';
import { passOf } from './step.ts';
import { FULL_LIMIT, SMALLEST_WITH_BODIES, splitGroup } from './steps/groups.ts';

/** What a worker does about a failed unit of work. */
export type Reaction =
  /** The same work in another form, at once. */
  | {
      readonly do: 'retry';
      readonly position: Position;
      readonly problem?: { code: string; detail: string };
      /** First Confluence must be seen to answer the cheapest listing; if it does not, this instead. */
      readonly unlessDown?: Unconditional;
    }
  /** The same work with a token issued just now: an expired one has been seen to answer 404. */
  | { readonly do: 'refresh-and-retry' }
  /** Later; `wholeBudget` parks every tenant of the budget, because the hour's points are spent. */
  | {
      readonly do: 'park';
      readonly resumeAt: Date;
      readonly counted: boolean;
      readonly wholeBudget: boolean;
      /** Where to go on, when not where the failure was. */
      readonly position?: Position;
    }
  /** This pass ends here and is on the run's record; the others go on. */
  | { readonly do: 'skip-pass'; readonly code: string; readonly detail: string }
  /** The grant, the product access or the site may be lost: to be confirmed before anything is concluded. */
  | { readonly do: 'confirm'; readonly otherwise: Unconditional }
  | { readonly do: 'fail'; readonly code: string; readonly detail: string };

type Retry = Extract<Reaction, { do: 'retry' }>;
type Unconditional = Exclude<Reaction, { do: 'confirm' }>;

/** Tries in a row after which a run gives up on transient trouble. */
const MAX_FAILURES = 8;

/** A listing of single pages that fails this often is split by space: before, it may be Confluence's own trouble. */
const FAILURES_BEFORE_SPLIT = 3;

/**
 * Decides what a failure means for a run; the worker carries it out.
 *
 * @param tokenIsFresh the token was issued in this slice, so a 404 is not an expired token's
 */
export function reactTo(
  error: unknown,
  run: Run,
  context: { settings: Settings; now: Date; tokenIsFresh: boolean },
): Reaction {
  if (!(error instanceof AtlassianError)) return parkOrFail(run, context, 'internal_error', messageOf(error));
  switch (error.kind) {
    case 'throttled':
      return throttled(error, run, context);
    case 'outage':
    case 'too_large':
      return retrySmaller(error, run, context);
    case 'malformed':
      return listAnew(run, parkOrFail(run, context, 'confluence_unavailable', error.message));
    case 'grant_rejected':
      return parkOrFail(run, context, 'confluence_unavailable', error.message);
    case 'client_secret_invalid':
      return parkOrFail(run, context, error.kind, 'Atlassian refuses the client secret of this application.');
    case 'token_rejected':
      return { do: 'confirm', otherwise: parkOrFail(run, context, 'confluence_unavailable', error.message) };
    case 'access_lost':
      if (!context.tokenIsFresh) return { do: 'refresh-and-retry' };
      return { do: 'confirm', otherwise: parkOrFail(run, context, error.kind, error.message) };
    case 'not_found':
      if (!context.tokenIsFresh) return { do: 'refresh-and-retry' };
      return (
        splitListing(run, error) ?? { do: 'confirm', otherwise: parkOrFail(run, context, error.kind, error.message) }
      );
    case 'scope_missing':
      return {
        do: 'confirm',
        otherwise: skipOrFail(run, error.kind, 'The grant lacks a scope for this; reconnecting may add it.'),
      };
    case 'forbidden':
      return splitListing(run, error) ?? { do: 'confirm', otherwise: skipOrFail(run, error.kind, error.message) };
    case 'app_blocked':
    case 'bad_request':
      return splitListing(run, error) ?? skipOrFail(run, error.kind, error.message);
    case 'gone':
      return skipOrFail(run, 'gone', 'Atlassian has removed the end point that this needs.');
  }
}

/** 1 s, doubling to 60 s, with jitter so that many tenants do not come back in step. */
export function backoffMs(failuresInRow: number, settings: Settings): number {
  const delay = Math.min(settings.RETRY_BACKOFF_MIN_MS * 2 ** failuresInRow, settings.RETRY_BACKOFF_MAX_MS);
  return delay * (0.7 + 0.6 * Math.random());
}

function throttled(error: AtlassianError, run: Run, { settings, now }: { settings: Settings; now: Date }): Reaction {
  const quota = error.throttle?.quota ?? false;
  const resumeAt = error.throttle?.resumeAt ?? new Date(now.getTime() + backoffMs(run.failuresInRow, settings));
  // Waiting grows with every refusal, but throttling alone never ends a run.
  return { do: 'park', resumeAt, counted: run.failuresInRow + 2 < MAX_FAILURES, wholeBudget: quota };
}

/** Halves the listing at hand on a time-out, a 5xx or an answer over the limit; not counted as a failure. */
function retrySmaller(error: AtlassianError, run: Run, context: { settings: Settings; now: Date }): Reaction {
  const later = parkOrFail(run, context, 'confluence_unavailable', error.message);
  if (error.status === undefined && !error.timedOut && error.kind !== 'too_large') return later;
  const { cursor } = run;
  if (cursor === null || !('limit' in cursor)) return later;
  const bodies = 'bodies' in cursor && cursor.bodies;
  if (bodies && cursor.limit <= SMALLEST_WITH_BODIES)
    return retryWith(run, { ...cursor, bodies: false, limit: FULL_LIMIT });
  if (cursor.limit > 1) return retryWith(run, { ...cursor, limit: Math.floor(cursor.limit / 2) });
  // An outage passes; what fails again and again, one item at a time, is the trouble of one space, or of the sorting.
  if (run.failuresInRow < FAILURES_BEFORE_SPLIT) return later;
  const otherForm = run.step === 'attachments' ? unsorted(run) : splitListing(run, error);
  return otherForm ? { ...otherForm, unlessDown: later } : later;
}

/**
 * A listing that went wrong in its form: once it is asked for the same page again, then it begins anew, because the trouble
 * may be its cursor. What is marked by the first attempt and shown by the second loses its mark.
 */
function listAnew({ step, cursor, failuresInRow }: Run, later: Unconditional): Unconditional {
  if (later.do !== 'park' || failuresInRow === 0 || cursor === null || !('limit' in cursor)) return later;
  const { cursor: _, ...rest } = cursor;
  const position = {
    step,
    cursor: {
      ...rest,
      ...('lastSortId' in rest ? { lastSortId: '' } : {}),
      ...('boundaryIds' in rest ? { boundaryIds: [], comparedTo: undefined } : {}),
    },
  };
  return { ...later, position: position as Position };
}

/** Sorting attachments by date has been seen to fail; without it new ones are found, missing ones are not. */
function unsorted({ step, cursor }: Run): Retry | undefined {
  if (step !== 'attachments' || cursor === null || !('sorted' in cursor) || !cursor.sorted) return undefined;
  return {
    do: 'retry',
    position: { step, cursor: { limit: FULL_LIMIT, boundaryIds: [], sorted: false } },
    problem: {
      code: 'attachments_unsorted',
      detail: 'Confluence fails to list attachments by date; removed ones stay in the index until it can.',
    },
  };
}

/** A group of spaces that is refused as a whole is listed space by space; a single one is left out and recorded. */
function splitListing(run: Run, error: AtlassianError): Retry | undefined {
  const { cursor } = run;
  if (cursor === null || !('spaceIds' in cursor) || cursor.spaceIds.length === 0) return undefined;
  const problem =
    cursor.spaceIds.length === 1
      ? { code: 'space_unreadable', detail: `space ${cursor.spaceIds[0]} could not be listed: ${error.message}` }
      : undefined;
  return { ...retryWith(run, { ...cursor, ...splitGroup(cursor) }), ...(problem ? { problem } : {}) };
}

function retryWith(run: Run, cursor: NonNullable<Run['cursor']>): Retry {
  return { do: 'retry', position: { step: run.step, cursor } as Position };
}

function parkOrFail(
  run: Run,
  { settings, now }: { settings: Settings; now: Date },
  code: string,
  detail: string,
): Unconditional {
  if (run.failuresInRow + 1 >= MAX_FAILURES) return { do: 'fail', code, detail };
  const resumeAt = new Date(now.getTime() + backoffMs(run.failuresInRow, settings));
  return { do: 'park', resumeAt, counted: true, wholeBudget: false };
}

/** Labels, attachments and names are worth less than the pages: without them a run still succeeds, and says so. */
function skipOrFail(run: Run, code: string, detail: string): Unconditional {
  const pass = passOf(run.step);
  if (pass === 'labels' || pass === 'attachments' || run.step === 'authors') return { do: 'skip-pass', code, detail };
  return { do: 'fail', code, detail };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';
}
