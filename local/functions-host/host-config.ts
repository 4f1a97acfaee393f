import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LOG_LEVELS } from './log.ts';
import { type Env, parseJson } from './settings.ts';

const PREFIX = 'azurefunctionsjobhost__';

/** `[d.]hh:mm:ss[.fff]`, the form of a .NET TimeSpan, in milliseconds. */
const TimeSpanMs = z.string().transform((text, context) => {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?$/.exec(text);
  if (!match) {
    context.addIssue(`"${text}" is not a time span; write hh:mm:ss`);
    return z.NEVER;
  }
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return Math.round((whole + Number(`0.${fraction}`)) * 1000);
});

const Level = z.string().refine((text) => LOG_LEVELS.includes(text.toLowerCase()), 'not a log level');

const Queues = z
  .strictObject({
    batchSize: z.coerce.number().int().min(1).max(32).default(16),
    newBatchThreshold: z.coerce.number().int().min(0).optional(),
    maxDequeueCount: z.coerce.number().int().min(1).default(5),
    visibilityTimeout: TimeSpanMs.default(0),
    // Azure's default is a minute, which makes a local stack feel dead.
    maxPollingInterval: TimeSpanMs.default(1000),
    messageEncoding: z.stringFormat('none or base64', /^(none|base64)$/i).default('base64'),
  })
  .transform(({ visibilityTimeout, maxPollingInterval, messageEncoding, ...rest }) => ({
    ...rest,
    newBatchThreshold: rest.newBatchThreshold ?? Math.floor(rest.batchSize / 2),
    visibilityTimeoutMs: visibilityTimeout,
    maxPollingIntervalMs: maxPollingInterval,
    base64: messageEncoding.toLowerCase() === 'base64',
  }));

// Limits and transport security change no answer on one machine; what would (customHeaders) is refused by name.
const Http = z.strictObject({
  routePrefix: z.string().default('api'),
  maxOutstandingRequests: z.unknown().optional(),
  maxConcurrentRequests: z.unknown().optional(),
  dynamicThrottlesEnabled: z.unknown().optional(),
  hsts: z.unknown().optional(),
});

const HostJson = z
  .object({
    version: z.literal('2.0', 'host.json needs "version": "2.0"'),
    extensions: z.object({ http: Http.prefault({}), queues: Queues.prefault({}) }).prefault({}),
    logging: z.object({ logLevel: z.record(z.string(), Level).default({}) }).prefault({}),
  })
  .transform(({ extensions, logging }) => ({
    routePrefix: extensions.http.routePrefix.replace(/^\/+|\/+$/g, ''),
    queues: extensions.queues,
    logLevels: logging.logLevel,
  }));

/** The part of host.json that this host obeys. Durations are in milliseconds. */
export type HostConfig = z.output<typeof HostJson>;
export type QueueConfig = HostConfig['queues'];

/**
 * Reads host.json. Settings such as `AzureFunctionsJobHost__extensions__queues__visibilityTimeout` override single
 * values, as on Azure: names ignore case there.
 */
export function readHostConfig(file: string, env: Env): HostConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`);
  }
  const json = parseJson(text, file);
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && name.toLowerCase().startsWith(PREFIX)) {
      override(json as Record<string, unknown>, name.slice(PREFIX.length).split('__'), value);
    }
  }
  const parsed = HostJson.safeParse(json);
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function override(target: Record<string, unknown>, path: string[], value: string): void {
  const [segment = '', ...rest] = path;
  const key = Object.keys(target).find((known) => known.toLowerCase() === segment.toLowerCase()) ?? segment;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const child = target[key];
  const next = typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {};
  target[key] = next;
  override(next, rest, value);
}
