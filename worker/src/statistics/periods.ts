/** Defines the periods that are counted, and decides which of them a daily run counts. */

import { DAY_MS, toDay } from "../kinds/time.ts";

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

/** How long reports are kept. */
export interface Retention {
  readonly days: number;
  /** Reports from before this time are not kept. */
  readonly since: Date;
}

/** The state of the database when a run begins. */
export interface Progress {
  /** When the oldest report was received, ISO 8601 or a day; null if there is none. */
  readonly oldestReport: string | null;
  /** The end of the newest edition; null if there is none. */
  readonly editionUntil: Date | null;
  /** Whether to count the newest edition again, because the operator excluded installations. */
  readonly countsAgain: boolean;
  /** The periods that have been published. */
  readonly published: ReadonlySet<string>;
}

/** The lengths in days of the periods that an edition can count. */
export const WINDOWS: readonly number[] = [7, 30, 365];

const LONGEST_MONTH = 31;

/** List the lengths of the windows that a retention covers, with a day to spare for the daily run. */
export const listCoveredDays = (retentionDays: number): readonly number[] =>
  WINDOWS.filter((days) => days < retentionDays);

export const listWindowNames = (retentionDays: number): readonly string[] =>
  listCoveredDays(retentionDays).map((days) => `${days}d`);

/** Whether a retention covers every month, with a day to spare. */
export const publishesMonths = (retentionDays: number): boolean => retentionDays > LONGEST_MONTH;

/** Find the period of a request that names none: 30 days, or the longest that is covered. */
export function findDefaultPeriod(retentionDays: number): string {
  const names = listWindowNames(retentionDays);
  return names.find((name) => name === "30d") ?? names.at(-1) ?? "7d";
}

export const isPeriod = (name: string, retentionDays: number): boolean =>
  listWindowNames(retentionDays).includes(name) || isMonth(name);

export const isMonth = (name: string): boolean => /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(name);

/**
 * Return the end of the edition that a run at *due* writes, or null if there is none to write.
 *
 * An edition ends when a Sunday begins, at midnight in UTC. Nothing that was reported decides about
 * it, except that the first edition does not wait for a Sunday.
 */
export function findDueEdition(due: Date, { editionUntil, countsAgain }: Progress): Date | null {
  const today = startOfDay(due);
  if (editionUntil === null) {
    return today;
  }
  const sunday = new Date(today.getTime() - today.getUTCDay() * DAY_MS);
  if (sunday > editionUntil) {
    return sunday;
  }
  return countsAgain ? editionUntil : null;
}

/** Find the Sunday on which the edition after the one that ends at *until* is due. */
export function findNextEdition(until: Date): Date {
  const day = startOfDay(until);
  return new Date(day.getTime() + (7 - day.getUTCDay()) * DAY_MS);
}

/** List the windows of the edition that ends at *until*. If a run is late, they may begin later. */
export const listWindows = (until: Date, { days, since }: Retention): readonly Period[] =>
  listCoveredDays(days).map((length) => {
    const from = new Date(until.getTime() - length * DAY_MS);
    return { name: `${length}d`, from: from < since ? startOfDay(since) : from, until };
  });

/** List the whole months with reports that ended before *due* and have not been published. */
export function listUncountedMonths(
  due: Date,
  { days, since }: Retention,
  { oldestReport, published }: Progress,
): readonly Period[] {
  const months: Period[] = [];
  if (oldestReport === null || !publishesMonths(days)) {
    return months;
  }
  for (let month = monthOf(since); month.until <= due; month = monthOf(month.until)) {
    const hasReports = oldestReport < toDay(month.until);
    if (month.from >= since && hasReports && !published.has(month.name)) {
      months.push(month);
    }
  }
  return months;
}

/** The calendar month in UTC that *time* is in. */
function monthOf(time: Date): Period {
  const firstDay = (offset: number): Date =>
    new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + offset));
  const from = firstDay(0);
  return { name: from.toISOString().slice(0, "2026-11".length), from, until: firstDay(1) };
}

const startOfDay = (time: Date): Date => new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS);
