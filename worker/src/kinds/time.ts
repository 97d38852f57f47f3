/** Defines the length of a day in UTC, in which the receiver counts. */

export const DAY_MS = 86_400_000;
