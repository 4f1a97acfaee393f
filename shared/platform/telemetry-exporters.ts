import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { AggregationTemporality, type PushMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TelemetrySettings } from './telemetry-settings.ts';

type Done = (result: ExportResult) => void;

interface Loaded {
  readonly traces: SpanExporter;
  readonly metrics: Pick<PushMetricExporter, 'export' | 'shutdown'>;
}

/**
 * The configured exporters. They are the largest part of telemetry, so they are loaded when the first batch is due,
 * seconds after the invocation that made it.
 */
export function createExporters(settings: TelemetrySettings): { traces: SpanExporter; metrics: PushMetricExporter } {
  let loading: Promise<Loaded> | undefined;
  const load = () => {
    loading ??= settings.OTEL_EXPORTER_OTLP_ENDPOINT
      ? loadOtlp(settings.OTEL_EXPORTER_OTLP_ENDPOINT)
      : loadAzure(settings);
    return loading;
  };
  const later = <T>(send: (exporters: Loaded, batch: T, done: Done) => void) => {
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

async function loadOtlp(endpoint: string): Promise<Loaded> {
  const [{ OTLPTraceExporter }, { OTLPMetricExporter }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/exporter-metrics-otlp-http'),
  ]);
  const base = endpoint.replace(/\/+$/, '');
  return {
    traces: new OTLPTraceExporter({ url: `${base}/v1/traces` }),
    metrics: new OTLPMetricExporter({
      url: `${base}/v1/metrics`,
      temporalityPreference: AggregationTemporality.DELTA,
    }),
  };
}

async function loadAzure(settings: TelemetrySettings): Promise<Loaded> {
  const { AzureMonitorTraceExporter, AzureMonitorMetricExporter } = await import(
    '@azure/monitor-opentelemetry-exporter'
  );
  const credential = await entraCredential(settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING);
  const options = {
    connectionString: settings.APPLICATIONINSIGHTS_CONNECTION_STRING ?? '',
    // The file system of an instance goes with the instance.
    disableOfflineStorage: true,
    ...(credential ? { credential } : {}),
  };
  return { traces: new AzureMonitorTraceExporter(options), metrics: new AzureMonitorMetricExporter(options) };
}

/** `ClientId=…;Authorization=AAD`, the form that the Functions host reads, too. */
async function entraCredential(authentication: string | undefined) {
  const parts = new Map((authentication ?? '').split(';').map((part) => part.split('=', 2) as [string, string]));
  if (parts.get('Authorization') !== 'AAD') return undefined;
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const clientId = parts.get('ClientId');
  return new ManagedIdentityCredential(clientId ? { clientId } : {});
}
