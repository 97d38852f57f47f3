/** The daily purge of raw reports. */

import { KINDS } from "./kinds";
import type { Retention } from "./retention";
import { purge } from "./store/reports";

/**
 * Deletes what is older than the retention, batch by batch. Each batch is done
 * once it is done: a run that ends early leaves the rest to the next.
 *
 * @throws Error - if D1 fails; the run then counts as failed
 */
export async function purgeAll(db: D1Database, { days, since }: Retention): Promise<void> {
  for (const kind of KINDS) {
    const purged = await purge(db, kind, since);
    console.log(`${kind.table}: purged ${purged}, older than ${days} days`);
  }
}
