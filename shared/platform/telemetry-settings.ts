import * as z from 'zod';

/**
 * The settings of telemetry, apart from the others because they must not depend on them: an application with a bad
 * setting has to be able to say so. Without an exporter nothing of telemetry is loaded.
 */
export const telemetrySettingsSchema = z.object({
  /** Azure Monitor, with Entra ID when the authentication string names an identity. Set by Azure. */
  APPLICATIONINSIGHTS_CONNECTION_STRING: z.string().min(1).optional(),
  /** `Authorization=AAD`, and `ClientId=…` for a user-assigned identity. */
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z.string().min(1).optional(),
  /** Any OpenTelemetry collector, over HTTP; wins over Azure Monitor. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_SERVICE_NAME: z.string().min(1).default('confluence-for-neo'),
  /** Part of the traces that is exported. An invocation with an error is exported whole, whatever this says. */
  TELEMETRY_SAMPLE_RATIO: z.coerce.number().min(0).max(1).default(0.2),
  TELEMETRY_TRACE_DELAY_MS: z.coerce.number().int().positive().default(5_000),
  TELEMETRY_METRIC_INTERVAL_MS: z.coerce.number().int().positive().default(60_000),
});

export type TelemetrySettings = z.infer<typeof telemetrySettingsSchema>;

/** The settings, or `undefined` when no exporter is configured. Throws one line that names what is wrong. */
export function readTelemetrySettings(env: Record<string, string | undefined>): TelemetrySettings | undefined {
  if (!env.APPLICATIONINSIGHTS_CONNECTION_STRING && !env.OTEL_EXPORTER_OTLP_ENDPOINT) return undefined;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = telemetrySettingsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}
