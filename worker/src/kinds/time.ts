/** Defines days in UTC, in which the receiver counts. */

export const DAY_MS = 86_400_000;

/** Write the day of *time*: `2026-11-27`. As text, it compares with other days and with ISO 8601. */
export const toDay = (time: Date): string => time.toISOString().slice(0, "2026-11-27".length);
