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
