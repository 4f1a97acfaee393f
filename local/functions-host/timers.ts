import { Cron } from 'croner';
import type { TimerFunction } from './bindings.ts';
import type { TypedData } from './core-types.ts';
import type { Invoker, Outcome } from './invoke.ts';

export interface Timer {
  /** Runs the function now; waits first for a run that is under way, because runs of one timer never overlap. */
  runNow(): Promise<Outcome>;
  stop(): void;
}

const MONTHS = 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC';
const DAYS = 'SUN|MON|TUE|WED|THU|FRI|SAT';
const FIELD = new RegExp(`^(?:[0-9*,/-]|${MONTHS}|${DAYS})+$`, 'i');
// .NET's DateTime.MinValue, which the real host sends before the first run.
const NEVER = '0001-01-01T00:00:00+00:00';

/**
 * Runs a timer function by its NCRONTAB schedule, in UTC as on the Flex plan. An occurrence that falls into a run is
 * skipped. State is not kept across a restart, so `isPastDue` is always false.
 */
export function startTimer(fn: TimerFunction, invoker: Invoker): Timer {
  const cron = parseSchedule(fn);
  let current: Promise<Outcome> | undefined;
  let last = NEVER;
  const start = () => {
    const input = timerInput(last, cron.nextRun());
    last = new Date().toISOString();
    const run = invoker.run({ fn, input }).finally(() => {
      current = undefined;
    });
    current = run;
    return run;
  };
  if (!fn.disabled) {
    cron.schedule(() => {
      if (!current) void start();
    });
    if (fn.runOnStartup) void start();
  }
  return {
    async runNow() {
      while (current) await current;
      return start();
    },
    stop: () => cron.stop(),
  };
}

/** croner reads more than NCRONTAB does (L, W, #, nicknames, years): what Azure would refuse is refused here too. */
function parseSchedule(fn: TimerFunction): Cron {
  const fields = fn.schedule.trim().split(/\s+/);
  const problem = `function "${fn.name}": schedule "${fn.schedule}" is not an NCRONTAB expression`;
  if (fields.length < 5 || fields.length > 6 || !fields.every((field) => FIELD.test(field))) {
    throw new Error(`${problem}; write six fields, {second} {minute} {hour} {day} {month} {day-of-week}`);
  }
  try {
    // Both day fields must match in NCRONTAB; in Unix cron one of them is enough.
    return new Cron(fields.join(' '), { timezone: 'UTC', domAndDow: true });
  } catch (error) {
    throw new Error(`${problem}: ${(error as Error).message}`);
  }
}

function timerInput(last: string, next: Date | null): TypedData {
  const schedule = { AdjustForDST: true };
  const status = { Last: last, Next: next?.toISOString() ?? NEVER, LastUpdated: last };
  return { json: JSON.stringify({ IsPastDue: false, Schedule: schedule, ScheduleStatus: status }) };
}
