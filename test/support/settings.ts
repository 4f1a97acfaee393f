import { settingsSchema } from '../../shared/platform/settings.ts';

/** What tests shorten, so that a wait of minutes in production is one of a moment here. The rest keeps its default. */
const TEST_SETTINGS = {
  SYNC_SCHEDULE: '*/2 * * * * *',
  WORK_SLICE_SECONDS: '5',
  RUN_LEASE_SECONDS: '6',
  REVIVE_QUEUED_SECONDS: '6',
  REVIVE_MANUAL_SECONDS: '3',
  RETRY_BACKOFF_MIN_MS: '50',
  RETRY_BACKOFF_MAX_MS: '1000',
  REFRESH_LEASE_SECONDS: '3',
  REFRESH_WAIT_SECONDS: '10',
  REFRESH_COOLDOWN_MIN_MS: '50',
  REFRESH_COOLDOWN_MAX_MS: '500',
  REFRESH_POLL_MS: '30',
  TIDY_DELAY_SECONDS: '1',
  HEALTH_CACHE_SECONDS: '0',

  // The functions host's: queues are looked at often, and the message of a killed worker comes back soon.
  AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.200',
  AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
  LOCAL_QUEUE_HIDDEN_SECONDS: '3',
  LOCAL_DRAIN_SECONDS: '2',
};

/**
 * The environment of a stack in tests: what processes need, no setting of the developer's own (a test must never reach
 * the real Atlassian), and the short durations. `overrides` go over them.
 */
export function testEnvironment(overrides: Record<string, string> = {}): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !(name in settingsSchema.shape) && !/^(LOCAL_|IDENTITY_|MSI_|TEST_)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...TEST_SETTINGS, ...overrides };
}
