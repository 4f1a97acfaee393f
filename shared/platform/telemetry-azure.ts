import { ManagedIdentityCredential } from '@azure/identity';
import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import type { Exporters } from './telemetry-exporters.ts';
import type { TelemetrySettings } from './telemetry-settings.ts';

/** To Application Insights, with Entra ID when the authentication string names it. */
export function azureExporters(settings: TelemetrySettings): Exporters {
  const credential = entraCredential(settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING);
  const options = {
    connectionString: settings.APPLICATIONINSIGHTS_CONNECTION_STRING ?? '',
    // The file system of an instance goes with the instance.
    disableOfflineStorage: true,
    ...(credential ? { credential } : {}),
  };
  return { traces: new AzureMonitorTraceExporter(options), metrics: new AzureMonitorMetricExporter(options) };
}

/** `ClientId=…;Authorization=AAD`, the form that the Functions host reads, too. */
function entraCredential(authentication: string | undefined): ManagedIdentityCredential | undefined {
  const parts = new Map((authentication ?? '').split(';').map((part) => part.split('=', 2) as [string, string]));
  if (parts.get('Authorization') !== 'AAD') return undefined;
  const clientId = parts.get('ClientId');
  return new ManagedIdentityCredential(clientId ? { clientId } : {});
}
