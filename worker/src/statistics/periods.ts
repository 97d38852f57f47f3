/** Defines the periods that are counted, and decides which of them a daily run counts. */

import { DAY_MS } from "../kinds/time.ts";

/**
 * A period counts the installations whose latest report before its end was received in it.
 *
 * It consists of whole days in UTC, so that no two periods differ by a part of a day.
 */
export interface Period {
  readonly name: string;
  readonly from: Date;
  /** The midnight after the last day. */
  readonly until: Date;
}

/** The state of the database when a run begins. */
export interface Progress {
  /** When the oldest report was received, ISO 8601; null if there is none. */
  readonly oldestReport: string | null;
  /** The end of the newest edition; null if there is none. */
  readonly editionUntil: Date | null;
  /** The periods that have been published. */
  readonly published: ReadonlySet<string>;
}

/** The lengths in days of the periods that each edition counts. */
export const WINDOWS: readonly number[] = [7, 30, 365];

/** The period of a request that names none. */
export const DEFAULT_PERIOD = "30d";

export const isPeriod = (name: string): boolean =>
  WINDOWS.some((days) => name === `${days}d`) || isMonth(name);

export const isMonth = (name: string): boolean => /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(name);

/**
 * Return the end of the edition that a run at *due* writes, or null if there is none to write.
 *
 * An edition ends when a Sunday begins, at midnight in UTC. Nothing that was reported decides about
 * it, except that the first edition does not wait for a Sunday.
 */
export function findDueEdition(due: Date, { editionUntil }: Progress): Date | null {
  const today = startOfDay(due);
  if (editionUntil === null) {
    return today;
  }
  const sunday = new Date(today.getTime() - today.getUTCDay() * DAY_MS);
  return sunday > editionUntil ? sunday : null;
}

/**
 * List the windows of the edition that ends at *until*.
 *
 * @param since - reports from before this time are not kept
 */
export const listWindows = (until: Date, since: Date): readonly Period[] =>
  WINDOWS.map((days) => ({
    name: `${days}d`,
    from: clip(new Date(until.getTime() - days * DAY_MS), since),
    until,
  }));

/** List the months with reports that ended before *due* and have not been published. */
export function listUncountedMonths(
  due: Date,
  since: Date,
  { oldestReport, published }: Progress,
): readonly Period[] {
  const months: Period[] = [];
  for (let month = monthOf(since, since); month.until <= due; month = monthOf(month.until, since)) {
    const hasReports = oldestReport !== null && oldestReport < month.until.toISOString();
    if (hasReports && !published.has(month.name)) {
      months.push(month);
    }
  }
  return months;
}

/** The calendar month in UTC that *time* is in, without the days before *since*. */
function monthOf(time: Date, since: Date): Period {
  const firstDay = (offset: number): Date =>
    new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + offset));
  const from = firstDay(0);
  return {
    name: from.toISOString().slice(0, "2026-11".length),
    from: clip(from, since),
    until: firstDay(1),
  };
}

/** The later of *from* and the day of *since*: a run counts before it purges that day. */
const clip = (from: Date, since: Date): Date => (from < since ? startOfDay(since) : from);

const startOfDay = (time: Date): Date => new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS);
