import { setTimeout as sleep } from 'node:timers/promises';
import { AtlassianError } from '../atlassian/errors.ts';
import { type Gateway, type Query, queryString } from '../atlassian/gateway.ts';
import { invalidArguments } from '../platform/http-function.ts';
import type { AgentCaller } from './agent-caller.ts';
import { API_PATHS, findApiPath } from './api-paths.ts';
import { authorize } from './authorize.ts';
import { groupDisabled, notAllowed } from './problems.ts';

/**
 * The only way from the tool to Confluence: a listed GET, or the look-up of users. There is no member that could send
 * anything else, and both check the agent's groups before a socket opens, so an operation cannot fetch more than its
 * caller may see, even by mistake.
 */
export interface ReadGateway {
  get(path: string, query?: Query): Promise<unknown>;
  usersBulk(accountIds: readonly string[]): Promise<unknown>;
}

export interface ReadGatewayOptions {
  readonly gateway: Gateway;
  readonly agent: Pick<AgentCaller, 'groups'>;
  readonly now: () => Date;
  /** No retry begins after this. */
  readonly retryUntil: Date;
  /** Rejects when nothing may be sent now. */
  readonly beforeRequest?: () => Promise<void>;
  readonly onFailure?: (error: AtlassianError) => void;
}

/** A retry that would wait longer than this is left to the caller, who is told the seconds. */
const RETRY_WAIT_MAX_MS = 1_000;
const RETRY_WAIT_MIN_MS = 150;

export function createReadGateway(options: ReadGatewayOptions): ReadGateway {
  const { gateway, agent, now, retryUntil } = options;

  /** One retry for a fault of the moment, if it can begin within the call's budget. */
  async function withRetry<T>(send: () => Promise<T>): Promise<T> {
    await options.beforeRequest?.();
    try {
      return await noted(send);
    } catch (error) {
      const waitMs = error instanceof AtlassianError ? retryWaitMs(error, now()) : undefined;
      if (waitMs === undefined || now().getTime() + waitMs >= retryUntil.getTime()) throw error;
      await sleep(waitMs);
      return noted(send);
    }
  }

  async function noted<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      if (error instanceof AtlassianError) options.onFailure?.(error);
      throw error;
    }
  }

  return Object.freeze<ReadGateway>({
    async get(path, query = {}) {
      checkRead(agent, path, query);
      return withRetry(() => gateway.get(path, query));
    },
    async usersBulk(accountIds) {
      if (!authorize(agent, { groups: ['users'] })) throw groupDisabled('users', 'Names of people');
      return withRetry(() => gateway.usersBulk(accountIds));
    },
  });
}

/**
 * Checks a concrete path and its query against the table and the agent's groups.
 * Throws 403 `not_allowed` for what is not listed, 403 `group_disabled`, 400 `invalid_arguments` for a listed parameter
 * with a value that is not.
 */
export function checkRead(agent: Pick<AgentCaller, 'groups'>, path: string, query: Query): void {
  const row = findApiPath(path)?.path;
  if (!row) throw notAllowed(unlistedPath(agent, path));
  if (!authorize(agent, { groups: [row.group] })) throw groupDisabled(row.group, `GET ${row.pattern}`);
  const wrong: { field: string; problem: string }[] = [];
  for (const [name, value] of new URLSearchParams(queryString(query))) {
    const rule = Object.hasOwn(row.query, name) ? row.query[name] : undefined;
    if (!rule) throw notAllowed(unlisted(name, row.pattern, Object.keys(row.query)));
    if (!rule.accepts(value)) wrong.push({ field: `query.${name}`, problem: `must be ${rule.must}` });
    else if (rule.group && value !== 'false' && !authorize(agent, { groups: [rule.group] })) {
      throw groupDisabled(rule.group, name);
    }
  }
  if (wrong.length > 0) throw invalidArguments(wrong);
}

function unlistedPath(agent: Pick<AgentCaller, 'groups'>, path: string): string {
  const listed = API_PATHS.filter(({ group }) => authorize(agent, { groups: [group] })).map(({ pattern }) => pattern);
  return `GET ${path.slice(0, 200)} is not on the list of paths that this agent may read: ${listed.join(', ')}.`;
}

function unlisted(name: string, pattern: string, listed: readonly string[]): string {
  const may = listed.length > 0 ? `it takes ${listed.join(', ')}` : 'it takes none';
  return `The query parameter ${JSON.stringify(name.slice(0, 60))} is never sent to ${pattern}: ${may}.`;
}

function retryWaitMs(error: AtlassianError, now: Date): number | undefined {
  // After a time-out there is little left of the budget, and the index may have the answer.
  if (!error.transient || error.timedOut || error.throttle?.quota) return undefined;
  const jitteredMs = RETRY_WAIT_MIN_MS * (0.7 + 0.6 * Math.random());
  const resumeInMs = error.throttle?.resumeAt ? error.throttle.resumeAt.getTime() - now.getTime() : 0;
  return resumeInMs > RETRY_WAIT_MAX_MS ? undefined : Math.max(resumeInMs, jitteredMs);
}
