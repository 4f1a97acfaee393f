import {
  type Attributes,
  context,
  createContextKey,
  DiagLogLevel,
  diag,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { parseTraceParent } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Invocation, Telemetry } from './telemetry.ts';
import { traceDependencies } from './telemetry-dependencies.ts';
import { createExporters } from './telemetry-exporters.ts';
import { createMetrics } from './telemetry-metrics.ts';
import { ErrorKeepingProcessor } from './telemetry-sampling.ts';
import type { TelemetrySettings } from './telemetry-settings.ts';

const SCOPE = 'confluence-for-neo';

/** Set while a timer runs: it sends messages for many tenants, and each of them begins a trace of its own. */
const FAN_OUT = createContextKey('fan-out');

/** Members of a log event that a trace may carry: ids and plain words. Everything else stays in the log. */
const EVENT_MEMBERS = [
  ...['tenantId', 'agentId', 'runId', 'epoch', 'kind', 'mode', 'trigger', 'step', 'operation', 'outcome'],
  ...['transport', 'source', 'from', 'to', 'reason', 'code', 'points', 'requests', 'durationMs', 'attempt', 'count'],
];
const PLAIN_VALUE = /^[A-Za-z0-9._:-]{1,100}$/;

/** Starts tracing and metrics for this process. Exporters load and connect when the first batch is due. */
export function startTelemetry(settings: TelemetrySettings, env: Record<string, string | undefined>): Telemetry {
  reportFailedExports();
  const resource = resourceFromAttributes({
    'service.name': settings.OTEL_SERVICE_NAME,
    'service.instance.id': env.WEBSITE_INSTANCE_ID || `${process.pid}`,
    ...(env.WEBSITE_SITE_NAME ? { 'faas.name': env.WEBSITE_SITE_NAME, 'cloud.provider': 'azure' } : {}),
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporters = createExporters(settings);
  const batches = new BatchSpanProcessor(exporters.traces, {
    scheduledDelayMillis: settings.TELEMETRY_TRACE_DELAY_MS,
    maxQueueSize: 4096,
  });
  const tracing = new BasicTracerProvider({
    resource,
    // What is exported is decided when an invocation has ended, whatever the host decided before it began.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new ErrorKeepingProcessor(batches, settings.TELEMETRY_SAMPLE_RATIO)],
    spanLimits: { attributeValueLengthLimit: 200, eventCountLimit: 32 },
  });
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: exporters.metrics,
        exportIntervalMillis: settings.TELEMETRY_METRIC_INTERVAL_MS,
        exportTimeoutMillis: Math.min(30_000, settings.TELEMETRY_METRIC_INTERVAL_MS),
      }),
    ],
  });
  const tracer = tracing.getTracer(SCOPE);
  const metrics = createMetrics(meters.getMeter(SCOPE));
  traceDependencies(tracer, metrics, env);

  async function run<T>(invocation: Invocation, work: () => Promise<T>): Promise<T> {
    const host = spanContext(invocation.hostTraceparent);
    const sender = spanContext(invocation.senderTraceparent);
    const parent = sender ?? host;
    const links: Link[] = sender && host ? [{ context: host }] : [];
    const parentContext = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    // The host has a span for the request itself; this one is what our code did about it.
    const kind = invocation.trigger === 'queue' ? SpanKind.CONSUMER : SpanKind.INTERNAL;
    const span = tracer.startSpan(
      invocation.name,
      { kind, links, attributes: attributesOf(invocation) },
      parentContext,
    );
    const inside = trace.setSpan(parentContext, span).setValue(FAN_OUT, invocation.trigger === 'timer');
    try {
      const result = await context.with(inside, work);
      const status = statusOf(result);
      if (status !== undefined) span.setAttribute('http.response.status_code', status);
      span.setStatus({ code: status !== undefined && status >= 500 ? SpanStatusCode.ERROR : SpanStatusCode.OK });
      return result;
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    run,
    traceparent() {
      const active = context.active();
      const current = active.getValue(FAN_OUT) === true ? undefined : trace.getSpanContext(active);
      return current && `00-${current.traceId}-${current.spanId}-01`;
    },
    ids() {
      const current = trace.getSpanContext(context.active());
      return current && { traceId: current.traceId, spanId: current.spanId };
    },
    observe(level, event, fields) {
      metrics.observe(event, fields);
      const span = trace.getActiveSpan();
      if (!span || level === 'debug') return;
      span.addEvent(event, plainMembers(fields));
      if (level === 'error') fail(span, fields.error ?? event);
    },
    async flush() {
      await Promise.allSettled([tracing.forceFlush(), meters.forceFlush()]);
    },
  };
}

/** An export that fails must not fail the application, nor go unseen; one line a minute is enough to see it. */
function reportFailedExports(): void {
  let quietUntil = 0;
  const error = (...problems: unknown[]) => {
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + 60_000;
    const problem = String(problems[0]).slice(0, 500);
    console.error(JSON.stringify({ level: 'error', event: 'telemetry_export_failed', problem }));
  };
  const nothing = () => {};
  diag.setLogger({ error, warn: nothing, info: nothing, debug: nothing, verbose: nothing }, DiagLogLevel.ERROR);
}

function spanContext(traceparent: string | undefined) {
  const parsed = traceparent ? parseTraceParent(traceparent) : null;
  return parsed ? { ...parsed, isRemote: true } : undefined;
}

function attributesOf({ name, trigger, invocationId, attributes }: Invocation): Attributes {
  return {
    'faas.trigger': trigger,
    'faas.invocation_id': invocationId,
    // Application Insights takes the name of a queue's request from here and from nowhere else.
    'ai.operation.name': name,
    ...plainMembers(attributes ?? {}),
  };
}

function statusOf(result: unknown): number | undefined {
  const status = (result as { status?: unknown } | null | undefined)?.status;
  return typeof status === 'number' ? status : undefined;
}

/** The error's kind, never its text: a database's message may quote what was asked of it. The log has the rest. */
function fail(span: Span, error: unknown): void {
  const { name, kind, code } = error as { name?: unknown; kind?: unknown; code?: unknown };
  const type = [name, kind ?? code].filter((word) => PLAIN_VALUE.test(String(word ?? ' '))).join(':');
  span.setAttribute('error.type', type || 'error');
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function plainMembers(fields: Readonly<Record<string, unknown>>): Attributes {
  return Object.fromEntries(
    Object.entries(fields).filter(
      (entry): entry is [string, string | number] =>
        EVENT_MEMBERS.includes(entry[0]) &&
        (typeof entry[1] === 'number' || (typeof entry[1] === 'string' && PLAIN_VALUE.test(entry[1]))),
    ),
  );
}
