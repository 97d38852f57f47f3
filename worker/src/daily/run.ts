/** Runs the daily work: counts reports, then purges old ones. */

import type { Env } from "../kinds/env.ts";
import type { Project } from "../kinds/project.ts";
import { countReports } from "./count.ts";
import { purgeKinds } from "./purge.ts";
import { readRetention } from "./retention.ts";

/**
 * @param due - when the run was due
 * @throws Error - if any part fails, so that the platform counts the run as failed
 */
export async function runDaily(
  { counted, kinds }: Project,
  { DB, RETENTION_DAYS }: Env,
  due: Date,
): Promise<void> {
  const retentions = new Map(
    kinds.map((kind) => [kind, readRetention(kind, RETENTION_DAYS, due)] as const),
  );
  try {
    await countReports(counted, DB, due, readRetention(counted, RETENTION_DAYS, due).since);
  } finally {
    // Purge even if counting failed: the privacy page promises how long reports are kept.
    await purgeKinds(retentions, DB);
  }
}
