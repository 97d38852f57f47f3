/** Finds when a daily run is due. */

import { DAY_MS } from "../kinds/time.ts";

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
