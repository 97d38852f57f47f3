/** Finds when a daily run is due, on a clock that somebody may set. */

import { DAY_MS, toDay } from "../kinds/time.ts";

/** The minute and the hour of a cron that runs every day. */
const CRON = /^([0-5]?[0-9]) ([01]?[0-9]|2[0-3]) \* \* \*$/;

/**
 * Find when a run was last due, at *now* or before.
 *
 * @param cron - in UTC: `17 3 * * *`
 * @throws Error - if it does not run once a day
 */
export function findLastDue(cron: string, now: Date): Date {
  const [, minute, hour] = CRON.exec(cron) ?? [];
  if (minute === undefined) {
    throw new Error(
      `The cron must be "MINUTE HOUR * * *", because counts are daily, not "${cron}".`,
    );
  }
  const due = new Date(now);
  due.setUTCHours(Number(hour), Number(minute), 0, 0);
  return due <= now ? due : new Date(due.getTime() - DAY_MS);
}

/** Time to set the clock right again before a run deletes what seems old. */
const WAIT_MS = 3_600_000;
/** A server that was off for longer has perhaps begun with a wrong clock. */
const LONG_PAUSE_MS = 31 * DAY_MS;

/**
 * Return a function that finds the run to make now, if there is one: each once, the last one first
 * if it was missed.
 *
 * After the clock was set by more than a day, and after a long pause, a run waits for an hour: on a
 * clock that is years ahead, every report is due for the purge.
 *
 * @param lastDay - the newest day whose active installations are recorded, if there is one
 * @param warn - gets a line if a run waits
 */
export function createDueFinder(
  cron: string,
  lastDay: string | null,
  warn: (line: string) => void,
): (now: Date, uptimeMs: number) => Date | null {
  let last: number | null = null;
  let start: number | null = null;
  let waitUntil = 0;
  const wait = (uptimeMs: number, reason: string): void => {
    waitUntil = uptimeMs + WAIT_MS;
    warn(`The daily run waits for an hour, because ${reason}. Check that the clock is right.`);
  };

  return (now, uptimeMs) => {
    const due = findLastDue(cron, now);
    const began = now.getTime() - uptimeMs;
    if (start !== null && Math.abs(began - start) > DAY_MS) {
      wait(uptimeMs, "the clock was set");
    } else if (start === null && lastDay !== null) {
      const isDone = lastDay >= toDay(new Date(due.getTime() - DAY_MS));
      last = isDone ? due.getTime() : null;
      if (!isDone && due.getTime() - Date.parse(lastDay) > LONG_PAUSE_MS) {
        wait(uptimeMs, "the last one was long ago");
      }
    }
    start = began;
    if (due.getTime() === last || uptimeMs < waitUntil) {
      return null;
    }
    last = due.getTime();
    return due;
  };
}
