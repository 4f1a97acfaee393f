import { AtlassianError } from '../atlassian/errors.ts';
import { connectionGateway } from '../connection/gateway.ts';
import { type Connection, readConnection } from '../connection/record.ts';
import { notUsable } from '../connection/tokens.ts';
import type { Deps } from '../platform/deps.ts';
import { invalidArguments, parseArguments } from '../platform/http-function.ts';
import type { Stored } from '../platform/items.ts';
import { ProblemError } from '../platform/problem.ts';
import type { AgentCaller } from './agent-caller.ts';
import { authorize } from './authorize.ts';
import { admitCall } from './call-limit.ts';
import { reconnectProblem } from './lost-access.ts';
import type { Operation, ToolContext } from './operation.ts';
import { admitPoints, assertBudget, noteThrottle, recordPoints } from './points.ts';
import { groupDisabled, problemOf } from './problems.ts';
import { createReadGateway } from './read-gateway.ts';
import { findOperation, operationsFor } from './registry.ts';
import { spaceDirectory } from './space-directory.ts';

export interface ToolCall {
  readonly agent: AgentCaller;
  readonly operation: string;
  /** Gives the arguments as the caller sent them; asked only when the agent may call the operation. */
  readonly args: () => Promise<unknown>;
  readonly transport: 'http' | 'mcp';
  readonly traceId: string;
}

/** What a call used, for its audit line. */
interface Spent {
  points: number;
  requests: number;
}

/** Of the call's budget, what one attempt may take: enough is left for the retry. */
const ATTEMPT_SHARE = 0.6;

/**
 * Calls one operation for an agent. Every call, whatever becomes of it, leaves one audit line without content.
 * Throws {@link ProblemError} with a code that an agent can act on, and nothing else that is foreseen.
 */
export async function callOperation(deps: Deps, call: ToolCall): Promise<Record<string, unknown>> {
  const startedAt = performance.now();
  const spent: Spent = { points: 0, requests: 0 };
  const operation = findOperation(call.operation);
  let outcome = 'ok';
  let source: unknown;
  try {
    const result = await perform(deps, call, operation, spent);
    source = result.source;
    return result;
  } catch (error) {
    const problem = error instanceof AtlassianError ? await explain(deps, call.agent, error) : error;
    outcome = problem instanceof ProblemError ? problem.code : 'internal_error';
    throw problem;
  } finally {
    deps.log.info('tool_call', {
      tenantId: call.agent.tenantId,
      agentId: call.agent.agentId,
      keyId: call.agent.keyId,
      // A name that is no operation's is the caller's text, and stays out of the log.
      operation: operation?.name ?? 'unknown',
      transport: call.transport,
      outcome,
      durationMs: Math.round(performance.now() - startedAt),
      points: spent.points,
      requests: spent.requests,
      ...(typeof source === 'string' ? { source } : {}),
      traceId: call.traceId,
    });
  }
}

async function explain(deps: Deps, { tenantId }: AgentCaller, error: AtlassianError): Promise<ProblemError> {
  return (await reconnectProblem(deps, tenantId, error)) ?? problemOf(error, deps.now());
}

async function perform(
  deps: Deps,
  { agent, args }: ToolCall,
  operation: Operation | undefined,
  spent: Spent,
): Promise<Record<string, unknown>> {
  // First, so that calls which are refused count as well: each has cost a read of the agent's record.
  await admitCall(deps, agent);
  if (!operation) throw unknownOperation(agent);
  if (!authorize(agent, operation)) throw disabled(operation);
  const parsed = parseArguments(idsAsText(await args()), operation.input);
  const [connection] = await Promise.all([
    readConnection(deps, agent.tenantId),
    operation.costsPoints ? admitPoints(deps, agent.tenantId) : undefined,
  ]);
  return operation.run(createContext(deps, agent, connection, spent), parsed);
}

function createContext(
  deps: Deps,
  agent: AgentCaller,
  connection: Stored<Connection> | undefined,
  spent: Spent,
): ToolContext {
  const site = connection?.item.site;
  if (!connection || !site || connection.item.status !== 'connected') throw notUsable(connection?.item.status);
  const budgetMs = deps.settings.TOOL_BUDGET_SECONDS * 1000;
  const gateway = connectionGateway(deps, connection, {
    signal: AbortSignal.timeout(budgetMs),
    timeoutMs: budgetMs * ATTEMPT_SHARE,
    waitMs: budgetMs * ATTEMPT_SHARE,
    onUsage(usage) {
      spent.points += usage.points;
      spent.requests += 1;
      recordPoints(deps, agent.tenantId, usage);
    },
  });
  return {
    deps,
    agent,
    site,
    scope: { tenantId: agent.tenantId, cloudId: site.cloudId, excludedKeys: connection.item.excludedKeys },
    confluence: createReadGateway({
      gateway,
      agent,
      now: deps.now,
      retryUntil: new Date(deps.now().getTime() + budgetMs),
      beforeRequest: () => assertBudget(deps, agent.tenantId),
      onFailure: (error) => noteThrottle(deps, agent.tenantId, error),
    }),
    spaces: () => spaceDirectory(deps, agent.tenantId, site.cloudId),
  };
}

const ID_ARGUMENTS = ['pageId', 'blogpostId', 'spaceId', 'spaceKey', 'attachmentId'];
const ARGUMENTS_MAX_CHARS = 50_000;

/** Models often write ids as numbers. Bounds the size of what is parsed at all, whatever the transport let through. */
function idsAsText(args: unknown): unknown {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args ?? {};
  if (JSON.stringify(args).length > ARGUMENTS_MAX_CHARS) {
    throw invalidArguments([{ field: 'arguments', problem: `exceed ${ARGUMENTS_MAX_CHARS} characters` }]);
  }
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      ID_ARGUMENTS.includes(name) && typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value,
    ]),
  );
}

function unknownOperation(agent: AgentCaller): ProblemError {
  const names = operationsFor(agent).map(({ name }) => name);
  const may = names.length > 0 ? `This agent may call ${names.join(', ')}.` : 'This agent may call none.';
  return new ProblemError(404, 'unknown_operation', `There is no operation of this name. ${may}`);
}

function disabled({ name, groups }: Operation): ProblemError {
  const [first = 'pages', ...others] = groups;
  return others.length === 0
    ? groupDisabled(first, name)
    : groupDisabled(first, `${name} (or one of ${others.join(', ')})`);
}
