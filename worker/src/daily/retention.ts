/** Reads from the configuration how long reports are kept. */

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
 * @param configured - RETENTION_DAYS; a string if an operator set it by hand
 * @param due - when the daily run was due
 * @throws Error - if the configuration is not valid
 */
export function readRetention(
  kinds: readonly ReportKind[],
  configured: number | string,
  due: Date,
): Retention {
  const days = Number(configured);
  const leastDays = Math.max(...kinds.map(({ once }) => once.days));
  if (!Number.isInteger(days) || days < leastDays || days > MOST_DAYS) {
    throw new Error(
      "Nothing is counted or purged: set RETENTION_DAYS in wrangler.jsonc to a whole number " +
        `from ${leastDays} to ${MOST_DAYS}. Fewer days would accept a report too early.`,
    );
  }
  return { days, since: new Date(due.getTime() - days * DAY_MS) };
}
