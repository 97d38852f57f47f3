/** Decides how long the reports of a kind are kept. */

import type { ReportKind } from "../kinds/kind.ts";
import { DAY_MS } from "../kinds/time.ts";

/** A century: a date further back may not be valid. */
const MOST_DAYS = 36_500;

export interface Retention {
  readonly days: number;
  /** Reports from before this time are not kept. */
  readonly since: Date;
}

/**
 * @param configured - RETENTION_DAYS: a string if an operator set it by hand, undefined if nobody did
 * @param due - when the daily run was due
 * @throws Error - if the configuration is not valid
 */
export function readRetention(
  { retentionDays, storage }: ReportKind,
  configured: number | string | undefined,
  due: Date,
): Retention {
  const days = configured === undefined ? retentionDays : Number(configured);
  const leastDays = storage.mode === "once" ? storage.days : 1;
  if (!Number.isInteger(days) || days < leastDays || days > MOST_DAYS) {
    throw new Error(
      "Nothing is counted or purged: set RETENTION_DAYS in wrangler.jsonc to a whole number " +
        `from ${leastDays} to ${MOST_DAYS}. Fewer days would accept a report too early.`,
    );
  }
  return { days, since: new Date(due.getTime() - days * DAY_MS) };
}
