/** Runs the daily work: counts reports, corrects dates, purges, and counts active installations. */

import type { Env } from "../kinds/env.ts";
import type { Project } from "../kinds/project.ts";
import { recordActivity } from "../store/activity.ts";
import { correctDates } from "./correct.ts";
import { countReports } from "./count.ts";
import { purgeKinds } from "./purge.ts";
import { readRetention } from "./retention.ts";

/**
 * A part that fails does not stop the others: the privacy page promises how long reports are kept.
 *
 * @param due - when the run was due
 * @returns lines on what was done, which are logged too
 * @throws Error - if any part fails, so that the platform counts the run as failed; it names every
 *   failure
 */
export async function runDaily(project: Project, env: Env, due: Date): Promise<readonly string[]> {
  const { counted, kinds } = project;
  const retentions = new Map(kinds.map((kind) => [kind, readRetention(kind, env, due)] as const));
  const retention = readRetention(counted, env, due);
  const lines: string[] = [];
  const log = (line: string): void => {
    console.log(line);
    lines.push(line);
  };
  const parts = [
    () => countReports(counted, env.DB, due, retention, log),
    () => correctDates(project, env.DB, due, log),
    () => purgeKinds(retentions, env.DB, due, log),
    async () => {
      const day = await recordActivity(env.DB, counted, due, retention.days);
      log(`${counted.name}: counted the active installations of ${day}`);
    },
  ];
  const failures: unknown[] = [];
  for (const part of parts) {
    await part().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 1) {
    throw new AggregateError(failures, failures.join("; "));
  }
  if (failures.length > 0) {
    throw failures[0];
  }
  return lines;
}
