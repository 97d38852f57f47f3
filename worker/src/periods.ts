/** Which periods there are, and which of them a run has to count. */

import type { Month, Period, State } from "./store/statistics";

const DAY_MS = 86_400_000;

/** Days back from the run. */
export const WINDOWS: readonly number[] = [7, 30, 365];

/** What is shown if no other period is asked for. */
export const USUAL = "30d";

/** What a period may be called. */
export const isPeriod = (name: string): boolean =>
  WINDOWS.some((days) => name === `${days}d`) || isMonth(name);

export const isMonth = (name: string): boolean => /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(name);

/** The windows and the month that go on at *due*, as far as reports are kept. */
export function open(due: Date, since: Date): readonly Period[] {
  const clipped = (from: Date): Date => (from < since ? since : from);
  return [
    ...WINDOWS.map((days) => ({
      name: `${days}d`,
      from: clipped(new Date(due.getTime() - days * DAY_MS)),
      until: null,
    })),
    month(due, since),
  ];
}

/**
 * The months that are over at *due*, of which reports are kept, and that have not been
 * counted since they were over: usually none, or the last one.
 */
export function over(due: Date, since: Date, { oldest, asOf }: State): readonly Month[] {
  const found: Month[] = [];
  for (let one = month(since, since); one.until <= due; one = month(one.until, since)) {
    const end = one.until.toISOString();
    const counted = asOf.get(one.name);
    const reported = oldest !== null && oldest < end;
    if (counted === undefined ? reported : counted < end) {
      found.push(one);
    }
  }
  return found;
}

/** The month that *time* lies in, as far as reports are kept. */
function month(time: Date, since: Date): Month {
  const start = (months: number): Date =>
    new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + months));
  const from = start(0);
  return {
    name: from.toISOString().slice(0, "2026-11".length),
    from: from < since ? since : from,
    until: start(1),
  };
}
