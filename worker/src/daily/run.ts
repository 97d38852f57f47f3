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
export async function runDaily({ counted, kinds }: Project, env: Env, due: Date): Promise<void> {
  const retentions = new Map(kinds.map((kind) => [kind, readRetention(kind, env, due)] as const));
  try {
    await countReports(counted, env.DB, due, readRetention(counted, env, due));
  } finally {
    // Purge even if counting failed: the privacy page promises how long reports are kept.
    await purgeKinds(retentions, env.DB, due);
  }
}
