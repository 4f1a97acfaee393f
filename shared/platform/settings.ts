import * as z from 'zod';
import { SecretText } from './secret-text.ts';

const LOOPBACK_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/;

/** An absolute URL without a trailing slash; plain http only for loopback, so that no token crosses a network in clear. */
const baseUrl = z
  .string()
  .transform((value) => value.replace(/\/+$/, ''))
  .refine((value) => URL.canParse(value), 'must be an absolute URL')
  .refine((value) => {
    if (!URL.canParse(value)) return true;
    const { protocol, hostname } = new URL(value);
    return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.test(hostname));
  }, 'must use https (plain http is accepted only for loopback)');

const origin = baseUrl.refine(
  (value) => !URL.canParse(value) || new URL(value).origin === value,
  'must be an origin: scheme, host and port without a path',
);

const words = (separator: RegExp) =>
  z.string().transform((value) => value.split(separator).filter((word) => word.length > 0));

const positive = (fallback: number) => z.coerce.number().positive().default(fallback);
const notNegative = (fallback: number) => z.coerce.number().nonnegative().default(fallback);

const SCOPES = [
  'offline_access',
  'read:me',
  'read:space:confluence',
  'read:page:confluence',
  'read:label:confluence',
  'read:attachment:confluence',
  'read:user:confluence',
  'read:content-details:confluence',
  'read:hierarchical-content:confluence',
].join(' ');

/**
 * Every setting that the code reads, by its name in the environment, with its production default. The second half are
 * durations and bounds that nobody changes in production; tests shorten them.
 */
export const settingsSchema = z.object({
  ATLASSIAN_CLIENT_ID: z.string().min(1),
  ATLASSIAN_CLIENT_SECRET: z
    .string()
    .min(1)
    .transform((value) => new SecretText(value)),
  ATLASSIAN_AUTH_URL: baseUrl.default('https://auth.atlassian.com'),
  ATLASSIAN_API_URL: baseUrl.default('https://api.atlassian.com'),
  ATLASSIAN_SCOPES: words(/\s+/).prefault(SCOPES),
  PUBLIC_URL: baseUrl,
  DASHBOARD_ORIGIN: origin,
  AUTH_ISSUER: baseUrl,
  AUTH_AUDIENCE: z.string().min(1),
  COSMOS_ENDPOINT: baseUrl,
  COSMOS_DATABASE: z.string().min(1).default('confluence'),
  COSMOS_KEY: z.string().min(1).optional(),
  KEY_VAULT_URL: baseUrl,
  AzureWebJobsStorage: z.string().min(1).optional(),
  AzureWebJobsStorage__queueServiceUri: baseUrl.optional(),
  AZURE_CLIENT_ID: z.string().min(1).optional(),
  SYNC_SCHEDULE: z.string().min(1).default('0 * * * * *'),
  REPORT_SCHEDULE: z.string().min(1).default('0 17 3 * * *'),
  SYNC_INTERVAL_MINUTES: positive(15),
  IDS_PASS_INTERVAL_HOURS: positive(24),
  LABELS_PASS_INTERVAL_HOURS: positive(168),
  ATTACHMENTS_PASS_INTERVAL_HOURS: positive(168),
  SYNC_SPACE_TYPES: words(/[\s,]+/)
    .prefault('global,knowledge_base,collaboration')
    .refine((types) => !types.includes('personal'), 'must not contain personal: personal spaces are never synced'),
  MISSING_GRACE_MINUTES: notNegative(60),
  AGENT_CALLS_PER_MINUTE: positive(120),
  AGENT_POINTS_PER_HOUR: positive(2000),
  INDEX_RETENTION_DAYS: notNegative(30),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),

  POINTS_PER_HOUR: positive(65_000),
  QUOTA_TIER: z.coerce.number().int().min(1).max(2).default(1),
  OAUTH_STATE_SECONDS: positive(600),
  GRANT_CLAIM_SECONDS: positive(600),
  PENDING_SITE_SECONDS: positive(24 * 3600),
  TOKEN_MIN_VALIDITY_SECONDS: positive(300),
  REFRESH_LEASE_SECONDS: positive(60),
  REFRESH_WAIT_SECONDS: positive(20),
  REFRESH_COOLDOWN_MIN_MS: positive(1_000),
  REFRESH_COOLDOWN_MAX_MS: positive(30_000),
  REFRESH_POLL_MS: positive(150),
  SECRET_ROTATIONS_MAX: positive(400),
  TIDY_DELAY_SECONDS: notNegative(30),
  ATLASSIAN_TIMEOUT_SECONDS: positive(60),
  ATLASSIAN_MAX_BODY_MB: positive(20),
  WORK_SLICE_SECONDS: positive(60),
  RUN_LEASE_SECONDS: positive(120),
  REVIVE_QUEUED_SECONDS: positive(600),
  REVIVE_MANUAL_SECONDS: positive(60),
  HINT_INTERVAL_MINUTES: positive(60),
  RETRY_BACKOFF_MIN_MS: positive(1_000),
  RETRY_BACKOFF_MAX_MS: positive(60_000),
  AGENT_KEY_OVERLAP_HOURS: notNegative(24),
  TOOL_BUDGET_SECONDS: positive(10),
  HEALTH_CACHE_SECONDS: notNegative(10),
});

export type Settings = z.infer<typeof settingsSchema>;

/** Thrown once for all bad settings together, so that an operator mends them in one go. Holds names, never values. */
export class SettingsError extends Error {
  override name = 'SettingsError' as const;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Settings are missing or wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Reads and validates the settings; an empty value counts as not set. Throws {@link SettingsError} naming every bad one. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = settingsSchema.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        return `${name}: ${given[name] === undefined ? 'is not set' : issue.message}`;
      });
  if (!given.AzureWebJobsStorage && !given.AzureWebJobsStorage__queueServiceUri) {
    problems.push('AzureWebJobsStorage: is not set (a connection string, or __queueServiceUri for a managed identity)');
  }
  if (!parsed.success || problems.length > 0) throw new SettingsError(problems);
  return parsed.data;
}
