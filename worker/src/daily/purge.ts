/** Deletes the reports of every kind that are older than the retention. */

import type { ReportKind } from "../kinds/kind.ts";
import { purgeReports } from "../store/reports.ts";
import type { Retention } from "./retention.ts";

/** @throws Error - if D1 fails; the next run deletes the rest */
export async function purgeKinds(
  kinds: readonly ReportKind[],
  db: D1Database,
  { days, since }: Retention,
): Promise<void> {
  for (const kind of kinds) {
    const purged = await purgeReports(db, kind, since, days);
    console.log(`${kind.once.table}: purged ${purged}, older than ${days} days`);
  }
}
