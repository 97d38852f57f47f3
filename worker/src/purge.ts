/** The daily purge of raw reports. */

import type { Env } from "./env";
import { KINDS } from "./kinds";
import { purge, WINDOW_MS } from "./store/reports";

const DAY_MS = 86_400_000;
const LEAST_DAYS = WINDOW_MS / DAY_MS;
/** A century: what lies further back is no date any more. */
const MOST_DAYS = 36_500;

/**
 * Deletes what is older than the retention, batch by batch. Each batch is done
 * once it is done: a run that ends early leaves the rest to the next.
 *
 * @param due - when the run was due
 * @throws Error - if the retention is none, or D1 fails; the run then counts as failed
 */
export async function purgeAll(env: Env, due: Date): Promise<void> {
  const days = Number(env.RETENTION_DAYS);
  if (!Number.isInteger(days) || days < LEAST_DAYS || days > MOST_DAYS) {
    throw new Error(
      "Nothing is purged: RETENTION_DAYS in wrangler.jsonc must be a whole number" +
        ` of days, ${LEAST_DAYS} (the dedupe needs those) to ${MOST_DAYS}.`,
    );
  }
  const before = new Date(due.getTime() - days * DAY_MS);
  for (const kind of KINDS) {
    const purged = await purge(env.DB, kind, before);
    console.log(`${kind.table}: purged ${purged}, older than ${days} days`);
  }
}
