/** Formats values and numbers for people. */

import type { Value } from "../statistics/summary.ts";

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
export const formatPercent = (count: number, total: number): string =>
  `${(toShare(count, total) * 100).toFixed(1)}%`;

export const toShare = (count: number, total: number): number =>
  Math.min(count / Math.max(total, 1), 1);

/** @param time - ISO 8601; null gives an empty text */
export const formatDay = (time: string | null): string =>
  time === null
    ? ""
    : new Date(time).toLocaleDateString("en-GB", {
        day: "numeric",
        month: "long",
        year: "numeric",
        timeZone: "UTC",
      });
