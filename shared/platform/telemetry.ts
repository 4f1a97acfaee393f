import { app, type InvocationContext } from '@azure/functions';
import type { LogFields, Logger, LogLevel } from './log.ts';
import { readTelemetrySettings } from './telemetry-settings.ts';

/** One run of a function. */
export interface Invocation {
  /** The function's name. */
  readonly name: string;
  readonly trigger: 'http' | 'queue' | 'timer';
  readonly invocationId: string;
  /** W3C trace context of the host's own span for this invocation. */
  readonly hostTraceparent?: string | undefined;
  /** W3C trace context of whoever sent the queue message: the invocation belongs to that trace. */
  readonly senderTraceparent?: string | undefined;
  /** Plain words and ids; never text of a customer. */
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** What the telemetry SDK offers once it is loaded: see `telemetry-sdk.ts`. */
export interface Telemetry {
  run<T>(invocation: Invocation, work: () => Promise<T>): Promise<T>;
  traceparent(): string | undefined;
  /** Counts what an event says, and marks it in the trace. */
  observe(level: LogLevel, event: string, fields: LogFields): void;
  ids(): { traceId: string; spanId: string } | undefined;
  flush(): Promise<void>;
}

let loading: Promise<Telemetry | undefined> | undefined;
let loaded: Telemetry | undefined;

/**
 * Runs an invocation as one span with everything that it sends to other services below it. When no exporter is
 * configured this is the work alone: nothing is loaded and nothing measured. The SDK is loaded by the first
 * invocation and not with the bundle, because an instance that starts has a caller waiting.
 */
export async function traced<T>(invocation: Invocation, work: () => Promise<T>): Promise<T> {
  loading ??= load();
  const telemetry = loaded ?? (await loading);
  return telemetry ? telemetry.run(invocation, work) : work();
}

/** What the Functions host says about a run of a function. */
export function invocationOf(
  {
    functionName,
    invocationId,
    traceContext,
  }: Pick<InvocationContext, 'functionName' | 'invocationId' | 'traceContext'>,
  trigger: Invocation['trigger'],
): Invocation {
  return { name: functionName, trigger, invocationId, hostTraceparent: traceContext?.traceParent };
}

/** The trace context to put into a queue message, so that its worker goes on with this trace. */
export function outgoingTraceparent(): string | undefined {
  return loaded?.traceparent();
}

/** Exports what is still in memory: the process is about to end, or a test wants to see it. */
export async function flushTelemetry(): Promise<void> {
  await loaded?.flush();
}

/** A logger whose events are also counted and marked in the trace, and whose lines name the trace. */
export function observed(logger: Logger): Logger {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      loaded?.observe(level, event, fields);
      const ids = loaded?.ids();
      logger[level](event, ids ? { ...ids, ...fields } : fields);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

async function load(): Promise<Telemetry | undefined> {
  try {
    const settings = readTelemetrySettings(process.env);
    if (!settings) return undefined;
    const { startTelemetry } = await import('./telemetry-sdk.ts');
    loaded = startTelemetry(settings, process.env);
    app.hook.appTerminate(flushTelemetry);
    return loaded;
  } catch (error) {
    // An application without telemetry is better than none.
    console.error(JSON.stringify({ level: 'error', event: 'telemetry_not_started', problem: String(error) }));
    return undefined;
  }
}
