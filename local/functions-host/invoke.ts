import { randomBytes, randomUUID } from 'node:crypto';
import type { AppFunction } from './bindings.ts';
import type { CoreInvocationContext, Handler, HttpResponseData, TraceContext, TypedData } from './core-types.ts';
import type { Logger } from './log.ts';
import { appHookData, getModel, runHooks } from './registry.ts';

export interface Invocation {
  readonly fn: AppFunction;
  readonly input: TypedData;
  readonly triggerMetadata?: Record<string, TypedData>;
  /** Default: a new trace. */
  readonly traceContext?: TraceContext;
}

export interface Outcome {
  /** What an HTTP function answered; absent when it returned nothing. */
  readonly http?: HttpResponseData;
  /** What the function, a hook or the library threw. */
  readonly error?: unknown;
}

/** Runs invocations and knows when none is under way. */
export interface Invoker {
  /** Never rejects; writes one log line when the invocation ends. */
  run(invocation: Invocation): Promise<Outcome>;
  idle(): Promise<void>;
}

export function createInvoker(logger: Logger): Invoker {
  const running = new Set<Promise<unknown>>();
  return {
    run(invocation) {
      const run = timed(invocation, logger);
      running.add(run);
      void run.finally(() => running.delete(run));
      return run;
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** A W3C trace context of its own, for what starts no request: timers and queue messages. */
export function newTraceContext(): TraceContext {
  const traceParent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  return { traceParent, traceState: '', attributes: {} };
}

async function timed(invocation: Invocation, logger: Logger): Promise<Outcome> {
  const { fn } = invocation;
  const invocationId = randomUUID();
  const startedAt = performance.now();
  let outcome: Outcome;
  try {
    outcome = await invoke(invocation, invocationId, logger);
  } catch (error) {
    outcome = { error };
  }
  const failed = 'error' in outcome;
  const answer = fn.trigger === 'http' ? httpStatus(outcome) : failed ? 'failed' : 'succeeded';
  const line = `${fn.trigger} ${fn.name} ${answer} ${Math.round(performance.now() - startedAt)} ms ${invocationId}`;
  const category = `Function.${fn.name}`;
  if (failed) logger.write('error', category, `${line}\n${errorText(outcome.error)}`);
  else logger.write('information', category, line);
  return outcome;
}

/** What the caller sees: nothing returned is 204, an exception 500, both with an empty body. */
export function httpStatus(outcome: Outcome): number {
  if ('error' in outcome) return 500;
  return Number(outcome.http?.statusCode ?? 204);
}

/** The official worker's sequence: arguments, hooks before, handler, hooks after, response. */
async function invoke(invocation: Invocation, invocationId: string, logger: Logger): Promise<Outcome> {
  const { fn } = invocation;
  const model = getModel();
  if (!model) throw new Error('@azure/functions has set no programming model');
  let context: object | undefined;
  const core: CoreInvocationContext = {
    invocationId,
    metadata: fn.metadata,
    request: {
      invocationId,
      functionId: fn.metadata.functionId ?? fn.name,
      inputData: [{ name: fn.bindingName, data: invocation.input }],
      triggerMetadata: invocation.triggerMetadata ?? {},
      traceContext: invocation.traceContext ?? newTraceContext(),
      retryContext: null,
    },
    log: (level, category, message) => logger.app(level, category, fn.name, message, context),
  };
  const run = await model.getInvocationModel(core);
  const args = await run.getArguments();
  context = args.context;
  const scope = { hookData: {}, appHookData, invocationContext: context };

  const before = { ...scope, functionCallback: fn.handler as Handler, inputs: args.inputs };
  core.state = 'preInvocationHooks';
  await runHooks('preInvocation', before);

  const after: { inputs: unknown[]; result: unknown; error: unknown } & typeof scope = {
    ...scope,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  core.state = 'invocation';
  try {
    after.result = await run.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error ?? new Error('the function threw nothing');
  }
  core.state = 'postInvocationHooks';
  await runHooks('postInvocation', after);
  core.state = undefined;

  if (after.error) throw after.error;
  const response = await run.getResponse(context, after.result);
  const http = response.returnValue?.http;
  return fn.trigger === 'http' && http ? { http } : {};
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
