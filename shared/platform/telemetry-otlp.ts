import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import type { Exporters } from './telemetry-exporters.ts';
import type { TelemetrySettings } from './telemetry-settings.ts';

/** To an OpenTelemetry collector, as JSON over HTTP. */
export function otlpExporters({ OTEL_EXPORTER_OTLP_ENDPOINT = '' }: TelemetrySettings): Exporters {
  const base = OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '');
  return {
    traces: new OTLPTraceExporter({ url: `${base}/v1/traces` }),
    metrics: new OTLPMetricExporter({
      url: `${base}/v1/metrics`,
      temporalityPreference: AggregationTemporality.DELTA,
    }),
  };
}
