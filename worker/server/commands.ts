/** Deletes old reports from a database that has just been restored. */

import { purgeKinds } from "../src/daily/purge.ts";
import { readRetention } from "../src/daily/retention.ts";
import type { Env } from "../src/kinds/env.ts";
import type { Project } from "../src/kinds/project.ts";

/**
 * Delete the reports and counters that are older than their retention.
 *
 * @returns lines on what was done
 */
export async function purge({ kinds }: Project, env: Env): Promise<readonly string[]> {
  const now = new Date();
  const lines: string[] = [];
  const retentions = new Map(kinds.map((kind) => [kind, readRetention(kind, env, now)] as const));
  await purgeKinds(retentions, env.DB, now, (line) => lines.push(line));
  return lines;
}
