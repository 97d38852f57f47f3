/** Deletes the reports and counters of every kind that are older than their retention. */

import type { Database } from "../kinds/database.ts";
import type { ReportKind } from "../kinds/kind.ts";
import { DAY_MS } from "../kinds/time.ts";
import type { Retention } from "../statistics/periods.ts";
import { purgeCounters } from "../store/counters.ts";
import { purgeReports } from "../store/reports.ts";

/**
 * @param log - gets a line for what is done
 * @throws Error - if the database fails; the next run deletes the rest
 */
export async function purgeKinds(
  retentions: ReadonlyMap<ReportKind, Retention>,
  db: Database,
  due: Date,
  log: (line: string) => void,
): Promise<void> {
  for (const [kind, { days, since }] of retentions) {
    const purged = await purgeReports(db, kind, since, days);
    log(`${kind.name}: purged ${purged}, older than ${days} days`);
    if (kind.counters) {
      const { retentionDays } = kind.counters;
      const oldest = new Date(due.getTime() - retentionDays * DAY_MS);
      const count = await purgeCounters(db, kind.counters, oldest);
      log(`${kind.name}: purged ${count} counters, older than ${retentionDays} days`);
    }
  }
}
