/** What values are called where people read them. */

import type { Value } from "./statistics";

// No field of a contract takes brackets: none can be taken for these.
export const UNKNOWN = "(unknown)";
export const OTHER = "(other)";
const EMPTY = "(empty)";

/** *value* for people. What cannot be seen, or turns text around, is shown as a sign. */
export function label(value: Value): string {
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  if (value === null) {
    return UNKNOWN;
  }
  return String(value).replace(/[\p{C}\u2028\u2029]/gu, "\ufffd") || EMPTY;
}

export const number = (count: number): string => count.toLocaleString("en");
