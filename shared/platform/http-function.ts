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

/** What a handler gets: its dependencies, and what the caller sent, checked. */
export interface Call<Query = unknown, Body = unknown> {
  readonly deps: Deps;
  readonly request: HttpRequest;
  readonly traceId: string;
  readonly query: Query;
  readonly body: Body;
}

export interface DashboardCall<Query = unknown, Body = unknown> extends Call<Query, Body> {
  /** Validated, and covered by the caller's roles. */
  readonly tenantId: string;
}

export interface AgentCall<Query = unknown, Body = unknown> extends Call<Query, Body> {
  readonly agent: AgentCaller;
}

export type Answer = HttpResponseInit;

/** What a route takes and answers. The handler gets what the schemas let through; `GET /api/openapi.json` shows them. */
export interface Description<Query, Body> {
  readonly summary: string;
  /** Known query parameters; unknown ones are ignored. */
  readonly query?: z.ZodType<Query>;
  /** Strict: a field that is not known is refused. Without a schema the handler reads the body itself. */
  readonly body?: z.ZodType<Body>;
  /** Status and form of the usual answer. */
  readonly status?: number;
  readonly answer?: z.ZodType;
}

type NamesFor<C> = { [N in RouteName]: (typeof routes)[N]['caller'] extends C ? N : never }[RouteName];

const descriptions = new Map<RouteName, Description<unknown, unknown>>();

/** Every registered route with its description. */
export function describedRoutes(): ReadonlyMap<RouteName, Description<unknown, unknown>> {
  return descriptions;
}

/** Registers a route of the dashboard backend: token first, then the tenant id, then whether the token covers it. */
export function dashboardRoute<Query = unknown, Body = unknown>(
  name: NamesFor<'dashboard'>,
  description: Description<Query, Body>,
  handler: (call: DashboardCall<Query, Body>) => Promise<Answer>,
): void {
  register(name, description, async (call) => {
    const caller = await authenticateDashboard(call.deps, call.request.headers.get('authorization'));
    const tenantId = pathId(call.request, 'tenantId');
    requireTenant(caller, tenantId);
    return handler({ ...(await checked(call, description)), tenantId });
  });
}

/** Registers a route of the agents: the key names tenant and agent. */
export function agentRoute<Query = unknown, Body = unknown>(
  name: NamesFor<'agent'>,
  description: Description<Query, Body>,
  handler: (call: AgentCall<Query, Body>) => Promise<Answer>,
): void {
  register(name, description, async (call) => {
    const agent = await authenticateAgent(call.deps, call.request.headers.get('authorization'));
    return handler({ ...(await checked(call, description)), agent });
  });
}

/** Registers a route that anyone may call. */
export function publicRoute<Query = unknown, Body = unknown>(
  name: NamesFor<'anyone'>,
  description: Description<Query, Body>,
  handler: (call: Call<Query, Body>) => Promise<Answer>,
): void {
  register(name, description, async (call) => handler(await checked(call, description)));
}

type Incoming = Pick<Call, 'deps' | 'request' | 'traceId'>;

async function checked<Query, Body>(
  call: Incoming,
  { query, body }: Description<Query, Body>,
): Promise<Call<Query, Body>> {
  return {
    ...call,
    query: query ? readQuery(call.request, query) : (undefined as Query),
    body: body ? await readBody(call.request, body) : (undefined as Body),
  };
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
function readQuery<T>(request: HttpRequest, schema: z.ZodType<T>): T {
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

function register<Query, Body>(
  name: RouteName,
  description: Description<Query, Body>,
  handler: (call: Incoming) => Promise<Answer>,
): void {
  const { method, path } = routes[name];
  descriptions.set(name, description as Description<unknown, unknown>);
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
