import { setTimeout as delay } from 'node:timers/promises';

/**
 * Calls `check` until it stops throwing and returns its result; after `timeoutMs` the last error is thrown. The way to
 * wait for what another process does: it ends as soon as the thing is true, and says what was not when time is up.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 20_000, intervalMs = 50 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const endsAt = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= endsAt) throw error;
      await delay(intervalMs);
    }
  }
}
