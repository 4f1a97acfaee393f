import type { Settings } from './settings.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Record<string, unknown>;

/** One structured line an event. Fields are named in camelCase and carry units; text of customers is never a field. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const SECRET_NAMES = /(token|secret|authorization|password|cookie|apikey)$/i;
/** Names that OAuth gives to secrets and others to plain words: `code: 'not_found'`, `state: 'running'`. */
const AMBIGUOUS_NAMES = /^(code|state|completion|key)$/i;
const PLAIN_WORD = /^[A-Za-z_.-]{0,40}$/;
const REDACTED = '[redacted]';

/**
 * What looks like a secret inside a text: bearer tokens, JWTs, Atlassian's own secrets, agent keys, and named ones in a
 * URL, a form, a connection string or a piece of JSON that an error quotes.
 */
const SECRET_TEXTS: readonly [RegExp, string][] = [
  [/\bBearer\s+[A-Za-z0-9._~+/=-]+/gi, `Bearer ${REDACTED}`],
  [/\beyJ[A-Za-z0-9_-]{10,}(\.[A-Za-z0-9_-]*)*/g, REDACTED],
  [/\bAT(ATT|CTT|STT|OA)[A-Za-z0-9_=-]{20,}/g, REDACTED],
  [/\bcfn_[A-Za-z0-9_.-]+/g, REDACTED],
  [/\b(code|state|completion|sig|AccountKey)=[^&;\s"'#]+/gi, `$1=${REDACTED}`],
  [/\b(access_?token|refresh_?token|client_?secret)(["']?\s*[:=]\s*["']?)[^&\s"',}#]+/gi, `$1$2${REDACTED}`],
];

/** Writes JSON lines to stdout, the place where the Functions host collects them. */
export function createLogger(settings: Pick<Settings, 'LOG_LEVEL'>, write = defaultWrite): Logger {
  const from = LEVELS.indexOf(settings.LOG_LEVEL);
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (LEVELS.indexOf(level) < from) return;
      write(JSON.stringify({ time: new Date().toISOString(), level, event, ...fields }, redact));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * The second fence: the first is that tokens are a type of their own (`secret-text.ts`) and never become a string. What
 * is named like a secret is left out whole, whatever its form.
 */
function redact(name: string, value: unknown): unknown {
  if (value !== undefined && value !== null && SECRET_NAMES.test(name)) return REDACTED;
  if (AMBIGUOUS_NAMES.test(name) && typeof value === 'string' && !PLAIN_WORD.test(value)) return REDACTED;
  if (value instanceof Error) return describeError(value);
  return typeof value === 'string' ? redactText(value) : value;
}

function redactText(text: string): string {
  return SECRET_TEXTS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

function describeError(error: Error): LogFields {
  const { code, status, kind } = error as { code?: unknown; status?: unknown; kind?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { errorCode: code }),
    ...(status === undefined ? {} : { status }),
    ...(kind === undefined ? {} : { kind }),
    stack: error.stack
      ?.split('\n')
      .slice(1, 6)
      .map((line) => line.trim()),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}

function defaultWrite(line: string): void {
  console.log(line);
}
