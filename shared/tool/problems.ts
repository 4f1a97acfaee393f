import type { AtlassianError } from '../atlassian/errors.ts';
import { invalidArguments } from '../platform/http-function.ts';
import { ProblemError } from '../platform/problem.ts';
import type { Group } from './groups.ts';

/** What the caller may not do whatever its groups are. `what` names the refused thing. */
export function notAllowed(detail: string): ProblemError {
  return new ProblemError(403, 'not_allowed', detail);
}

export function groupDisabled(group: Group, what: string): ProblemError {
  return new ProblemError(
    403,
    'group_disabled',
    `${what} needs the permission group ${group}, which is off for this agent. Go on without it, or ask an administrator to switch it on.`,
    { members: { group } },
  );
}

/** Confluence does not tell whether something is missing or hidden, so neither do we. */
export function notFound(what: string, hint = 'Check the id, or search for it.'): ProblemError {
  return new ProblemError(
    404,
    'not_found_or_no_permission',
    `${what} does not exist, or the connected account may not see it, or its space is excluded. ${hint}`,
  );
}

export function rateLimited(detail: string, retryAfterSeconds: number): ProblemError {
  return new ProblemError(429, 'rate_limited', detail, {
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)),
  });
}

const UNNAMED_QUOTA_SECONDS = 60;
const UNNAMED_BURST_SECONDS = 5;

/** What a failed call to Confluence means for an agent: a stable code and what to do next. */
export function problemOf(error: AtlassianError, now: Date): ProblemError {
  switch (error.kind) {
    case 'throttled': {
      const { quota = false, resumeAt } = error.throttle ?? {};
      const unnamed = quota ? UNNAMED_QUOTA_SECONDS : UNNAMED_BURST_SECONDS;
      const seconds = resumeAt ? (resumeAt.getTime() - now.getTime()) / 1000 : unnamed;
      return rateLimited(
        'Confluence limits requests now. confluence_search_index costs nothing and still works.',
        seconds,
      );
    }
    case 'not_found':
    case 'forbidden':
      return notFound('What you asked for');
    case 'app_blocked':
      return notAllowed("An administrator's data security policy keeps apps out of this space. Go on without it.");
    case 'access_lost':
      return notAllowed(
        'The connected account may no longer use Confluence. An administrator must look at the connection.',
      );
    case 'scope_missing':
      return new ProblemError(
        403,
        'scope_missing',
        'The connection was granted without the scope that this call needs. Go on without it; an administrator can reconnect Confluence.',
      );
    case 'bad_request':
      return invalidArguments([{ field: 'arguments', problem: `were refused. ${error.message}` }]);
    case 'too_large':
      return invalidArguments([{ field: 'limit', problem: 'asks for more than can be read at once: ask for less' }]);
    default:
      return new ProblemError(
        503,
        'confluence_unavailable',
        'Confluence does not answer as it should. Try again in a moment; confluence_search_index still works.',
        { retryAfterSeconds: 10 },
      );
  }
}
