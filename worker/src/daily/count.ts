/** Counts the latest reports and replaces the publications. */

import type { ReportKind } from "../kinds/kind.ts";
import {
  listOpenPeriods,
  listUncountedMonths,
  type Month,
  type Period,
} from "../statistics/periods.ts";
import { summarize } from "../statistics/summary.ts";
import { countPeriods, readCounts } from "../store/counts.ts";
import { readProgress, replacePublications } from "../store/publications.ts";

/**
 * Count every open period from scratch, and each closed month once.
 *
 * Nothing is added to earlier counts. So a run may repeat, be late or follow a failed one, and a
 * forgotten installation no longer counts.
 *
 * @param due - when the run was due
 * @param since - reports from before this time are not kept
 * @throws Error - if D1 fails; the periods that were not counted stay published as they were
 */
export async function countReports(
  kind: ReportKind,
  db: D1Database,
  due: Date,
  since: Date,
): Promise<void> {
  const months = listUncountedMonths(due, since, await readProgress(db, kind));
  // Usually at most one month is left, and it is counted together with the open periods. After weeks
  // without a run there are more. Each is published before the next begins, because a run that
  // takes too long is stopped.
  await countAndPublish(kind, db, due, listOpenPeriods(due, since), months.slice(-1));
  for (const month of months.slice(0, -1)) {
    await countAndPublish(kind, db, due, [], [month]);
  }
}

async function countAndPublish(
  kind: ReportKind,
  db: D1Database,
  due: Date,
  openPeriods: readonly Period[],
  closedMonths: readonly Month[],
): Promise<void> {
  await countPeriods(db, kind, openPeriods, closedMonths);
  const publications = await Promise.all(
    [...openPeriods, ...closedMonths].map(async ({ name, from, until }) => ({
      period: name,
      asOf: due.toISOString(),
      body: JSON.stringify({
        from: from.toISOString(),
        until: (until === null || until > due ? due : until).toISOString(),
        ...summarize(kind.published, await readCounts(db, kind, name)),
      }),
    })),
  );
  await replacePublications(db, kind, publications);
  const names = publications.map(({ period }) => period).join(", ");
  console.log(`${kind.once.latestTable}: counted for ${names}`);
}
