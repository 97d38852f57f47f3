/** Runs the daily work at its time of day, in UTC, and once at start if that was missed. */

import { DAY_MS } from "../src/kinds/time.ts";

const CHECK_MS = 20_000;
/** The minute and the hour of a cron that runs every day. */
const CRON = /^([0-5]?[0-9]) ([01]?[0-9]|2[0-3]) \* \* \*$/;

/**
 * Find when a run was last due, at *now* or before.
 *
 * @throws Error - if *cron* does not run once a day
 */
export function findLastDue(cron: string, now: Date): Date {
  const [, minute, hour] = CRON.exec(cron) ?? [];
  if (minute === undefined) {
    throw new Error(`Set triggers.crons in wrangler.jsonc to "MINUTE HOUR * * *", not "${cron}".`);
  }
  const due = new Date(now);
  due.setUTCHours(Number(hour), Number(minute), 0, 0);
  return due <= now ? due : new Date(due.getTime() - DAY_MS);
}

/**
 * Call *run* whenever a run is due, and now if the last one is not done.
 *
 * @param isDone - whether the run that was due at this time has been done
 */
export async function startSchedule(
  cron: string,
  isDone: (due: Date) => Promise<boolean>,
  run: (due: Date) => Promise<void>,
): Promise<NodeJS.Timeout> {
  let last = findLastDue(cron, new Date());
  if (!(await isDone(last))) {
    void run(last);
  }
  // A check, not one long wait: the clock may be set, or the machine may sleep.
  return setInterval(() => {
    const due = findLastDue(cron, new Date());
    if (due.getTime() !== last.getTime()) {
      last = due;
      void run(due);
    }
  }, CHECK_MS).unref();
}
