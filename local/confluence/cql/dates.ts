import { CqlError } from './errors.ts';
import type { Value } from './parse.ts';

export interface DateContext {
  now: number;
  /** IANA name: CQL dates are in the time zone of the USER who searches. */
  timeZone: string;
}

/** A span of time: from `start` to before `end`, epoch milliseconds. A date with a time spans its minute, without one its day. */
export interface Span {
  start: number;
  end: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = {
  m: MINUTE_MS,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
  M: 30 * DAY_MS,
  y: 365 * DAY_MS,
};

export function dateSpan(value: Value, context: DateContext): Span {
  if ('function' in value) return functionSpan(value.function, value.argument, context);
  const found = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?$/.exec(value.text);
  if (!found) throw new CqlError(`Invalid date format: ${value.text}; expected "yyyy-MM-dd HH:mm" or "yyyy-MM-dd"`);
  const [year = 0, month = 0, day = 0, hour, minute] = found
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const wall = Date.UTC(year, month - 1, day, hour ?? 0, minute ?? 0);
  const start = zonedToUtc(wall, context.timeZone);
  return { start, end: hour === undefined ? zonedToUtc(wall + DAY_MS, context.timeZone) : start + MINUTE_MS };
}

function functionSpan(name: string, argument: string | undefined, { now, timeZone }: DateContext): Span {
  const at = now + (argument === undefined ? 0 : offset(argument));
  if (name === 'now') {
    const start = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    return { start, end: start + MINUTE_MS };
  }
  if (name === 'startofday') {
    const wall = at + zoneOffset(at, timeZone);
    const start = zonedToUtc(Math.floor(wall / DAY_MS) * DAY_MS, timeZone);
    return { start, end: start + MINUTE_MS };
  }
  throw new CqlError(`Unsupported date function: ${name}; the simulator knows now() and startOfDay()`);
}

function offset(argument: string): number {
  const found = /^([+-]?\d+)([mhdwMy])$/.exec(argument);
  if (!found) throw new CqlError(`Invalid time offset: ${argument}; expected for example "-1d"`);
  return Number(found[1]) * (UNITS[found[2] ?? ''] ?? 0);
}

/** The instant at which clocks in this zone show `wall` (given as if it were UTC). */
function zonedToUtc(wall: number, timeZone: string): number {
  const guess = wall - zoneOffset(wall, timeZone);
  // A second look, because the offset at the guess may differ from the one at the wall time.
  return wall - zoneOffset(guess, timeZone);
}

/** Milliseconds that clocks in this zone are ahead of UTC at an instant. */
function zoneOffset(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(instant / 1000) * 1000;
}
