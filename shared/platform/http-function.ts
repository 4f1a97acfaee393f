import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import type * as z from 'zod';
import { type AgentCaller, authenticateAgent } from '../tool/agent-caller.ts';
import { authenticateDashboard, requireTenant } from './dashboard-caller.ts';
import { type Deps, deps } from './deps.ts';
import { idSchema } from './ids.ts';
import { ProblemError, problemBody } from './problem.ts';
import { type RouteName, routes } from './routes.ts';
import { SettingsError } from './settings.ts';
import { invocationOf, traced } from './telemetry.ts';

/** What every handler gets. */
export interface Call {
  readonly deps: Deps;
  readonly request: HttpRequest;
  readonly traceId: string;
}

export interface DashboardCall extends Call {
  /** Validated, and covered by the caller's roles. */
  readonly tenantId: string;
}

export interface AgentCall extends Call {
  readonly agent: AgentCaller;
}

export type Answer = HttpResponseInit;

type NamesFor<C> = { [N in RouteName]: (typeof routes)[N]['caller'] extends C ? N : never }[RouteName];

/** Registers a route of the dashboard backend: token first, then the tenant id, then whether the token covers it. */
export function dashboardRoute(name: NamesFor<'dashboard'>, handler: (call: DashboardCall) => Promise<Answer>): void {
  register(name, async (call) => {
    const caller = await authenticateDashboard(call.deps, call.request.headers.get('authorization'));
    const tenantId = pathId(call.request, 'tenantId');
    requireTenant(caller, tenantId);
    return handler({ ...call, tenantId });
  });
}

/** Registers a route of the agents: the key names tenant and agent. */
export function agentRoute(name: NamesFor<'agent'>, handler: (call: AgentCall) => Promise<Answer>): void {
  register(name, async (call) => {
    const agent = await authenticateAgent(call.deps, call.request.headers.get('authorization'));
    return handler({ ...call, agent });
  });
}

/** Registers a route that anyone may call. */
export function publicRoute(name: NamesFor<'anyone'>, handler: (call: Call) => Promise<Answer>): void {
  register(name, handler);
}

/** An id in the path, decoded and checked: 400 `invalid_arguments` when it does not fit. */
export function pathId(request: HttpRequest, name: 'tenantId' | 'agentId'): string {
  const parsed = idSchema.safeParse(request.params[name]);
  if (parsed.success) return parsed.data;
  throw invalidArguments([{ field: name, problem: parsed.error.issues[0]?.message ?? 'is not an id' }]);
}

/** The JSON body, checked by a strict schema; an empty body counts as `{}`. 400 `invalid_arguments` names each field. */
export async function readBody<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<T> {
  const text = await request.text();
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw invalidArguments([{ field: 'body', problem: 'is not JSON' }]);
  }
  return parseArguments(value, schema);
}

/** The known query parameters, checked; unknown ones are ignored, a parameter given twice counts by its last value. */
export function readQuery<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  return parseArguments(Object.fromEntries(request.query), schema);
}

/** Parses arguments of any transport: {@link ProblemError} 400 `invalid_arguments` with each field and its problem. */
export function parseArguments<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidArguments(
    parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), problem: 'is not a known field' }))
        : [{ field: issue.path.join('.') || 'body', problem: issue.message }],
    ),
  );
}

export function invalidArguments(fields: readonly { field: string; problem: string }[]): ProblemError {
  const detail = `Mend these and call again: ${fields.map(({ field, problem }) => `${field} ${problem}`).join('; ')}`;
  return new ProblemError(400, 'invalid_arguments', detail, { members: { fields } });
}

function register(name: RouteName, handler: (call: Call) => Promise<Answer>): void {
  const { method, path } = routes[name];
  app.http(name, {
    methods: [method],
    authLevel: 'anonymous', // callers are authenticated here, so that the check holds on every host
    route: path,
    handler: (request, context) =>
      traced(invocationOf(context, 'http'), async () => {
        const traceId = traceIdOf(context);
        try {
          return noStore(await handler({ deps: deps(), request, traceId }));
        } catch (error) {
          return problemAnswer(error, context, traceId);
        }
      }),
  });
}

function problemAnswer(error: unknown, context: InvocationContext, traceId: string): Answer {
  const problem = error instanceof ProblemError ? error : unexpected(error, context, traceId);
  return noStore({
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.retryAfterSeconds === undefined
        ? {}
        : { 'retry-after': String(Math.ceil(problem.retryAfterSeconds)) }),
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body: JSON.stringify(problemBody(problem, traceId)),
  });
}

/** What no handler foresaw is logged whole and answered without its text: it may name what a caller must not see. */
function unexpected(error: unknown, context: InvocationContext, traceId: string): ProblemError {
  if (error instanceof SettingsError) {
    context.error(error.message);
    return new ProblemError(
      503,
      'not_configured',
      'The application is not configured; its log names each bad setting.',
    );
  }
  deps().log.error('request_failed', { function: context.functionName, traceId, error });
  return new ProblemError(500, 'internal_error', `Something went wrong on our side; quote traceId ${traceId}.`);
}

function noStore(answer: Answer): Answer {
  const headers = new Headers(answer.headers as ConstructorParameters<typeof Headers>[0]);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  headers.set('x-content-type-options', 'nosniff');
  return { ...answer, headers: Object.fromEntries(headers) };
}

function traceIdOf(context: InvocationContext): string {
  const traceId = context.traceContext?.traceParent?.split('-')[1];
  return traceId ?? context.invocationId.replaceAll('-', '');
}
