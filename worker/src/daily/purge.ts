/** Deletes the reports of every kind that are older than its retention. */

import type { ReportKind } from "../kinds/kind.ts";
import type { Retention } from "../statistics/periods.ts";
import { purgeReports } from "../store/reports.ts";

/** @throws Error - if D1 fails; the next run deletes the rest */
export async function purgeKinds(
  retentions: ReadonlyMap<ReportKind, Retention>,
  db: D1Database,
): Promise<void> {
  for (const [kind, { days, since }] of retentions) {
    const purged = await purgeReports(db, kind, since, days);
    console.log(`${kind.name}: purged ${purged}, older than ${days} days`);
  }
}
