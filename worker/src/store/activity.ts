/** Keeps one row a day with the number of active installations. */

import type { Database } from "../kinds/database.ts";
import type { ReportKind } from "../kinds/kind.ts";
import { DAY_MS, toDay } from "../kinds/time.ts";
import { countInstallations } from "./counts.ts";
import { quoteNames } from "./sql.ts";

/** How many days each column covers. */
const LENGTHS = [1, 7, 30];

export const ACTIVITY_COLUMNS = ["day", ...LENGTHS.map((days) => `active_${days}`)];

/**
 * Find the newest day until *now* whose active installations are recorded; null if there is none.
 *
 * @throws Error - if the database fails, like every function of this module
 */
export async function findLastRecorded(
  db: Database,
  { name }: ReportKind,
  now: Date,
): Promise<string | null> {
  const { results } = await db
    .prepare(`SELECT MAX("day") AS "day" FROM "activity" WHERE "kind" = ?1 AND "day" <= ?2`)
    .bind(name, toDay(now))
    .run<{ day: string | null }>();
  return results[0]?.day ?? null;
}

/**
 * Count the installations that were active in the last days before *due*, unless that is done.
 *
 * The first run of a day decides: of a kind with the storage mode latest, a later one would count
 * installations that have reported since as well.
 *
 * @returns the day
 */
export async function recordActivity(
  db: Database,
  kind: ReportKind,
  due: Date,
  retentionDays: number,
): Promise<string> {
  const until = new Date(toDay(due));
  const before = (days: number): Date => new Date(until.getTime() - days * DAY_MS);
  const day = toDay(before(1));
  const [known] = await db.batch([
    db.prepare(`SELECT 1 FROM "activity" WHERE "kind" = ?1 AND "day" = ?2`).bind(kind.name, day),
  ]);
  if (!known?.results.length) {
    const periods = LENGTHS.filter((days) => days < retentionDays).map((days) => ({
      ...{ name: `${days}d`, from: before(days), until },
    }));
    const counts = await countInstallations(db, kind, periods);
    await db.batch([
      db
        .prepare(`INSERT OR IGNORE INTO "activity" VALUES (?1, ?2, ?3, ?4, ?5)`)
        .bind(kind.name, day, ...LENGTHS.map((_, index) => counts[index] ?? null)),
    ]);
  }
  return day;
}

/**
 * Read the rows of a kind from *from* until before *until*, ascending by day.
 *
 * A number is null where reports are not kept that long.
 */
export async function readActivity(
  db: Database,
  { name }: ReportKind,
  { from, until }: { readonly from: string; readonly until: string },
): Promise<readonly Readonly<Record<string, string | number | null>>[]> {
  const { results } = await db
    .prepare(
      `SELECT ${quoteNames(ACTIVITY_COLUMNS)} FROM "activity"
      WHERE "kind" = ?1 AND "day" >= ?2 AND "day" < ?3 ORDER BY "day"`,
    )
    .bind(name, from, until)
    .run<Record<string, string | number | null>>();
  return results;
}
