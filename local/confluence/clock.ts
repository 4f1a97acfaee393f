import type { Database } from './database.ts';
import { readSetting, writeSetting } from './settings.ts';

/**
 * Simulated time: the real clock plus an offset that the control API moves. Token expiry, the refresh leeway, the
 * hourly reset of the points, timestamps of edits and the lag of the search index all follow it.
 */
export class Clock {
  readonly #database: Database;
  #offsetMs: number;

  constructor(database: Database) {
    this.#database = database;
    this.#offsetMs = readSetting<number>(database, 'clockOffsetMs') ?? 0;
  }

  /** Epoch milliseconds. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  setOffset(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    writeSetting(this.#database, 'clockOffsetMs', offsetMs);
  }

  advance(byMs: number): void {
    this.setOffset(this.#offsetMs + byMs);
  }
}
