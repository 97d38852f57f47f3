/** What the cron does each day: count, then purge what has been counted. */

import type { Env } from "./env";
import { purgeAll } from "./purge";
import { retention } from "./retention";
import { rollUp } from "./rollup";

/**
 * @param due - when the run was due
 * @throws Error - if anything of it fails; the run then counts as failed
 */
export async function daily(env: Env, due: Date): Promise<void> {
  const kept = retention(env, due);
  try {
    await rollUp(env.DB, due, kept.since);
  } finally {
    // How long reports are kept is a promise: no fault in counting them undoes it.
    await purgeAll(env.DB, kept);
  }
}
