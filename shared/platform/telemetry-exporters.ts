import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { AggregationTemporality, type PushMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TelemetrySettings } from './telemetry-settings.ts';

type Done = (result: ExportResult) => void;

/** What `telemetry-otlp.ts` and `telemetry-azure.ts` give. */
export interface Exporters {
  readonly traces: SpanExporter;
  readonly metrics: Pick<PushMetricExporter, 'export' | 'shutdown'>;
}

/**
 * The configured exporters. They are the largest part of telemetry, so they are loaded when the first batch is due,
 * seconds after the invocation that made it.
 */
export function createExporters(settings: TelemetrySettings): { traces: SpanExporter; metrics: PushMetricExporter } {
  let loading: Promise<Exporters> | undefined;
  const load = () => {
    loading ??= settings.OTEL_EXPORTER_OTLP_ENDPOINT
      ? import('./telemetry-otlp.ts').then(({ otlpExporters }) => otlpExporters(settings))
      : import('./telemetry-azure.ts').then(({ azureExporters }) => azureExporters(settings));
    return loading;
  };
  const later = <T>(send: (exporters: Exporters, batch: T, done: Done) => void) => {
    return (batch: T, done: Done) => {
      load().then(
        (exporters) => send(exporters, batch, done),
        (error) => done({ code: ExportResultCode.FAILED, error }),
      );
    };
  };
  return {
    traces: {
      export: later<ReadableSpan[]>(({ traces }, spans, done) => traces.export(spans, done)),
      shutdown: async () => (await loading)?.traces.shutdown(),
    },
    metrics: {
      export: later<ResourceMetrics>(({ metrics }, batch, done) => metrics.export(batch, done)),
      // An instance lives for minutes; what it counted since the last export is what adds up.
      selectAggregationTemporality: () => AggregationTemporality.DELTA,
      forceFlush: async () => {},
      shutdown: async () => (await loading)?.metrics.shutdown(),
    },
  };
}
