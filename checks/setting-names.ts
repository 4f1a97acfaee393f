import { settingsSchema } from '../shared/platform/settings.ts';
import { telemetrySettingsSchema } from '../shared/platform/telemetry-settings.ts';

/** For emulators and the simulator; Azure has managed identities and the real Atlassian instead. */
export const LOCAL_ONLY: readonly string[] = [
  'ATLASSIAN_AUTH_URL',
  'ATLASSIAN_API_URL',
  'AzureWebJobsStorage',
  'COSMOS_KEY',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
];

/** For Azure alone. */
export const AZURE_ONLY: readonly string[] = [
  'AZURE_CLIENT_ID',
  'AzureWebJobsStorage__queueServiceUri',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
];

/**
 * Durations and bounds whose production defaults nobody changes: tests shorten them, and an operator who must can set
 * any of them as an application setting. A setting that is not listed here is set by Bicep.
 */
export const DEFAULTS_ONLY: readonly string[] = [
  ...['ATLASSIAN_SCOPES', 'SYNC_SCHEDULE', 'REPORT_SCHEDULE'],
  ...['OAUTH_STATE_SECONDS', 'GRANT_CLAIM_SECONDS', 'PENDING_SITE_SECONDS', 'TOKEN_MIN_VALIDITY_SECONDS'],
  ...['REFRESH_LEASE_SECONDS', 'REFRESH_WAIT_SECONDS', 'REFRESH_COOLDOWN_MIN_MS', 'REFRESH_COOLDOWN_MAX_MS'],
  ...['REFRESH_POLL_MS', 'SECRET_ROTATIONS_MAX', 'TIDY_DELAY_SECONDS', 'ATLASSIAN_TIMEOUT_SECONDS'],
  ...['ATLASSIAN_MAX_BODY_MB', 'WORK_SLICE_SECONDS', 'RUN_LEASE_SECONDS', 'REVIVE_QUEUED_SECONDS'],
  ...['REVIVE_MANUAL_SECONDS', 'HINT_INTERVAL_MINUTES', 'RETRY_BACKOFF_MIN_MS', 'RETRY_BACKOFF_MAX_MS'],
  ...['AGENT_KEY_OVERLAP_HOURS', 'TOOL_BUDGET_SECONDS', 'HEALTH_CACHE_SECONDS'],
  ...['TELEMETRY_TRACE_DELAY_MS', 'TELEMETRY_METRIC_INTERVAL_MS'],
];

/** What the Functions host reads for itself. */
export const HOST_SETTINGS: readonly string[] = [
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__blobServiceUri',
  'APPLICATIONINSIGHTS_STATSBEAT_DISABLED',
  'languageWorkers__node__arguments',
  'FUNCTIONS_WORKER_RUNTIME',
];

/** Every setting that the code reads. */
export const SETTINGS: readonly string[] = [
  ...Object.keys(settingsSchema.shape),
  ...Object.keys(telemetrySettingsSchema.shape),
];
