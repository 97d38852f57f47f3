/** Formats values and numbers for people. */

import type { Value } from "../src/statistics/summary.ts";

// No field accepts brackets, so that no value looks like these.
export const UNKNOWN = "(unknown)";
const EMPTY = "(empty)";

/** Format a value. Control and bidirectional characters become U+FFFD. */
export function formatValue(value: Value): string {
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  if (value === null) {
    return UNKNOWN;
  }
  return String(value).replace(/[\p{C}\u2028\u2029]/gu, "\ufffd") || EMPTY;
}

export const formatNumber = (count: number): string => count.toLocaleString("en");

/** Format a share. Each number is rounded by itself, so a part may be larger than the whole. */
export function formatPercent(count: number, total: number): string {
  const percent = Math.min(count / Math.max(total, 1), 1) * 100;
  return percent < 0.5 ? "<1%" : `${Math.round(percent)}%`;
}

/** @param time - ISO 8601 */
export const formatDay = (time: string): string =>
  format(time, { day: "numeric", month: "long", year: "numeric" });

/** @param time - ISO 8601 */
export const formatShortDay = (time: string): string =>
  format(time, { day: "numeric", month: "short" });

/** @param month - such as 2026-11 */
export const formatMonth = (month: string): string =>
  format(`${month}-01`, { month: "long", year: "numeric" });

const format = (time: string, parts: Intl.DateTimeFormatOptions): string =>
  new Date(time).toLocaleDateString("en-GB", { ...parts, timeZone: "UTC" });
