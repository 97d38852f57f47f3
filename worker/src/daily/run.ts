/** Runs the daily work: counts reports, then purges old ones. */

import type { Project } from "../kinds/project.ts";
import { countReports } from "./count.ts";
import { purgeKinds } from "./purge.ts";
import { readRetention } from "./retention.ts";

/**
 * @param retentionDays - as configured
 * @param due - when the run was due
 * @throws Error - if any part fails, so that the platform counts the run as failed
 */
export async function runDaily(
  project: Project,
  db: D1Database,
  retentionDays: number | string,
  due: Date,
): Promise<void> {
  const retention = readRetention(project.kinds, retentionDays, due);
  try {
    await countReports(project.counted, db, due, retention.since);
  } finally {
    // Purge even if counting failed: the privacy page promises how long reports are kept.
    await purgeKinds(project.kinds, db, retention);
  }
}
