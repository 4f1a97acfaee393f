import type { LogCategory, LogLevel } from './core-types.ts';
import { appHookData, hooksOf } from './registry.ts';

const RANK: Record<string, number> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

export const LOG_LEVELS: readonly string[] = Object.keys(RANK);

/** host.json `logging.logLevel`: a category or its dotted prefix → the lowest level that is written. */
export type LogLevels = Readonly<Record<string, string>>;

export interface Logger {
  /** Writes one entry of a category (`Host`, `Function.connection-get`, `Function.connection-get.User`). */
  write(level: LogLevel, category: string, message: string): void;
  /** Writes what the app logs in an invocation; log hooks may change a user's entry. */
  app(level: LogLevel, kind: LogCategory, functionName: string | undefined, message: string, context?: object): void;
}

/** Writes entries to stdout, those from `error` up to stderr: `2026-11-23T14:00:00.000Z text`. */
export function createLogger(levels: LogLevels): Logger {
  // When the parent has died nobody reads the output; the host must still end in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const ranks = new Map<string, number>();
  const rankOf = (category: string) => {
    const known = ranks.get(category);
    if (known !== undefined) return known;
    const rank = RANK[levelFor(levels, category)] ?? 2;
    ranks.set(category, rank);
    return rank;
  };
  const logger: Logger = {
    write(level, category, message) {
      const rank = RANK[level] ?? 2;
      if (level === 'none' || rank < rankOf(category)) return;
      const stream = rank >= 4 ? process.stderr : process.stdout;
      stream.write(`${new Date().toISOString()} ${message}\n`);
    },
    app(level, kind, functionName, message, invocationContext) {
      const entry = { level, message };
      const hooks = hooksOf('log');
      if (hooks.length > 0) {
        const context = { ...entry, category: kind, invocationContext, hookData: appHookData, appHookData };
        for (const hook of hooks) hook(context);
        // Only what the app itself logs may be rewritten; the worker's own entries stay as they are.
        if (kind === 'user') Object.assign(entry, { level: context.level, message: context.message });
      }
      const category = functionName ? `Function.${functionName}${kind === 'user' ? '.User' : ''}` : 'Worker';
      logger.write(entry.level, category, `${entry.level} ${functionName ?? 'app'} ${entry.message}`);
    },
  };
  return logger;
}

/** The longest matching prefix wins, then `default`, then Information: the rule of the real host. */
function levelFor(levels: LogLevels, category: string): string {
  const name = category.toLowerCase();
  let best = '';
  let level = levels.default ?? 'information';
  for (const [prefix, value] of Object.entries(levels)) {
    const key = prefix.toLowerCase();
    if (key !== 'default' && key.length > best.length && (name === key || name.startsWith(`${key}.`))) {
      best = key;
      level = value;
    }
  }
  return level.toLowerCase();
}
