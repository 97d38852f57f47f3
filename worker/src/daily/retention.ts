/** Decides how long the reports of a kind are kept. */

import type { Env } from "../kinds/env.ts";
import type { ReportKind } from "../kinds/kind.ts";
import { DAY_MS } from "../kinds/time.ts";
import { WINDOWS, type Retention } from "../statistics/periods.ts";

/** A century: a date further back may not be valid. */
const MOST_DAYS = 36_500;

/** Find how many days the reports of a kind are kept; not a number if the configuration is not. */
export const findRetentionDays = (
  { retentionDays }: Pick<ReportKind, "retentionDays">,
  { RETENTION_DAYS }: Pick<Env, "RETENTION_DAYS">,
): number => Number(RETENTION_DAYS === undefined ? retentionDays : RETENTION_DAYS);

/**
 * @param due - when the daily run was due
 * @throws Error - if the configuration is not valid
 */
export function readRetention(
  kind: ReportKind,
  env: Pick<Env, "RETENTION_DAYS">,
  due: Date,
): Retention {
  const days = findRetentionDays(kind, env);
  const leastDays = Math.max(
    Math.min(...WINDOWS) + 1,
    kind.storage.mode === "once" ? kind.storage.days : 0,
  );
  if (!Number.isInteger(days) || days < leastDays || days > MOST_DAYS) {
    throw new Error(
      "Nothing is counted or purged: set RETENTION_DAYS in wrangler.jsonc to a whole number " +
        `from ${leastDays} to ${MOST_DAYS}. Fewer days do not cover the shortest period, or ` +
        "would accept a report too early.",
    );
  }
  return { days, since: new Date(due.getTime() - days * DAY_MS) };
}
