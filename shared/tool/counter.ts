import type { Container } from '@azure/cosmos';
import { hasStatus, readItem } from '../platform/items.ts';

/** How much was used in one window of time: an item of `control` that many processes increment. */
interface CounterItem {
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'usage';
  readonly used: number;
  readonly ttl: number;
}

/** A stretch of time in which something is counted. */
export interface Window {
  /** The counter's item id. */
  readonly id: string;
  readonly endsAt: number;
  readonly lengthMs: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** The window of a kind that is open now; windows begin at full minutes or hours. */
export function windowAt(kind: string, lengthMs: number, now: Date): Window {
  const startedAt = Math.floor(now.getTime() / lengthMs) * lengthMs;
  return { id: `usage:${kind}:${startedAt / 1000}`, endsAt: startedAt + lengthMs, lengthMs };
}

export function secondsLeft(window: Window, now: Date): number {
  return (window.endsAt - now.getTime()) / 1000;
}

export async function readCounter(control: Container, tenantId: string, window: Window): Promise<number> {
  return (await readItem<CounterItem>(control, tenantId, window.id))?.item.used ?? 0;
}

/** Adds to a window's counter and gives its new value. The item goes by itself some time after its window. */
export async function increment(control: Container, tenantId: string, window: Window, by: number): Promise<number> {
  for (;;) {
    try {
      const { resource } = await control
        .item(window.id, tenantId)
        .patch<CounterItem>([{ op: 'incr', path: '/used', value: by }]);
      return resource?.used ?? by;
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
    }
    try {
      const ttl = Math.ceil((2 * window.lengthMs) / 1000);
      await control.items.create<CounterItem>({ id: window.id, tenantId, type: 'usage', used: by, ttl });
      return by;
    } catch (error) {
      if (!hasStatus(error, 409)) throw error; // another call began the window first
    }
  }
}
