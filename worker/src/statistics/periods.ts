/** Defines the periods that are counted, and decides which of them a daily run counts. */

import { DAY_MS } from "../kinds/time.ts";

/** A period counts the installations whose latest report was received in it, *until* excluded. */
export interface Period {
  readonly name: string;
  readonly from: Date;
  /** Null if the period has no end yet. */
  readonly until: Date | null;
}

/** A calendar month in UTC. */
export interface Month extends Period {
  readonly until: Date;
}

/** The state of the database when a run begins. */
export interface Progress {
  /** When the oldest report was received, ISO 8601; null if there is none. */
  readonly oldestReport: string | null;
  /** When each published period was counted, ISO 8601, by the period's name. */
  readonly countedAt: ReadonlyMap<string, string>;
}

/** The lengths in days of the periods that end with the daily run. */
export const WINDOWS: readonly number[] = [7, 30, 365];

/** The period of a request that names none. */
export const DEFAULT_PERIOD = "30d";

export const isPeriod = (name: string): boolean =>
  WINDOWS.some((days) => name === `${days}d`) || isMonth(name);

export const isMonth = (name: string): boolean => /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(name);

/**
 * List the periods that still change at *due*: the windows and the current month.
 *
 * @param since - reports from before this time have been purged
 */
export function listOpenPeriods(due: Date, since: Date): readonly Period[] {
  const clip = (from: Date): Date => (from < since ? since : from);
  return [
    ...WINDOWS.map((days) => ({
      name: `${days}d`,
      from: clip(new Date(due.getTime() - days * DAY_MS)),
      until: null,
    })),
    monthOf(due, since),
  ];
}

/** List the months with reports that ended before *due* and were not counted since their end. */
export function listUncountedMonths(
  due: Date,
  since: Date,
  { oldestReport, countedAt }: Progress,
): readonly Month[] {
  const months: Month[] = [];
  for (let month = monthOf(since, since); month.until <= due; month = monthOf(month.until, since)) {
    const end = month.until.toISOString();
    const counted = countedAt.get(month.name);
    const hasReports = oldestReport !== null && oldestReport < end;
    if (counted === undefined ? hasReports : counted < end) {
      months.push(month);
    }
  }
  return months;
}

/** The month that *time* is in, beginning at *since* if that is later than its first day. */
function monthOf(time: Date, since: Date): Month {
  const firstDay = (offset: number): Date =>
    new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + offset));
  const from = firstDay(0);
  return {
    name: from.toISOString().slice(0, "2026-11".length),
    from: from < since ? since : from,
    until: firstDay(1),
  };
}
