import type { State } from './state.ts';

const RUNNING_MS = 1_000;
const CONSENT_MS = 2_500;
const IDLE_MS = 15_000;
const FAILING_MS = 10_000;

/** How soon to look again: often while a person is watching something move. */
export function pollDelayMs({ connection, connect, stale }: State): number {
  if (stale || connection.state === 'failed') return FAILING_MS;
  if (connect.step === 'waiting') return CONSENT_MS;
  if (connection.state === 'ready' && connection.value.sync?.run) return RUNNING_MS;
  return IDLE_MS;
}

/** Calls `look`, which never rejects, again and again while the page is visible, and at once when it becomes so. */
export function startPolling(look: () => Promise<void>, delayMs: () => number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;
  let stopped = false;

  /** Whoever asks while a look is under way gets the next one: this one may have missed what they want to see. */
  function now(): Promise<void> {
    queued ??= running.then(async () => {
      queued = undefined;
      clearTimeout(timer);
      if (stopped) return;
      await look();
      timer = setTimeout(whenVisible, delayMs());
    });
    running = queued;
    return queued;
  }

  function whenVisible(): void {
    if (document.visibilityState === 'visible' && !stopped) void now();
  }

  document.addEventListener('visibilitychange', whenVisible);
  return {
    now,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', whenVisible);
    },
  };
}
