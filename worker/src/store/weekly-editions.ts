/** Keeps the edition of every week. */

import type { Database, Statement } from "../kinds/database.ts";
import type { ReportKind } from "../kinds/kind.ts";
import type { Summary } from "../statistics/summary.ts";
import { removeValues, type WithheldValue } from "../statistics/withheld-values.ts";

/** The period of a weekly edition. */
export const WEEK = "7d";
/** Ten years. */
const MOST_WEEKS = 522;

/** The published numbers of a week. */
export interface WeeklyEdition extends Summary {
  /** ISO 8601. */
  readonly until: string;
}

/** Prepare the statement that keeps the published edition of the last week, if there is one. */
export const keepWeek = (db: Database, { name }: ReportKind): Statement =>
  db
    .prepare(
      `INSERT INTO "weekly_editions" ("kind", "until", "as_of", "body")
      SELECT "kind", "body" ->> 'until', "as_of", "body" FROM "publications"
      WHERE "kind" = ?1 AND "period" = '${WEEK}' AND "counted_until" IS NOT NULL
      ON CONFLICT DO UPDATE SET "as_of" = excluded."as_of", "body" = excluded."body"
      WHERE "body" IS NOT excluded."body"`,
    )
    .bind(name);

/**
 * Read the editions of weeks, the oldest first, without values that the operator withholds.
 *
 * @param most - how many weeks, the newest
 * @throws Error - if the database fails
 */
export async function readWeeks(
  db: Database,
  { name, published }: ReportKind,
  most = MOST_WEEKS,
): Promise<readonly WeeklyEdition[]> {
  const [editions, withheld] = await db.batch<{ body: string } & WithheldValue>([
    db
      .prepare(
        `SELECT "body" FROM "weekly_editions" WHERE "kind" = ?1
        ORDER BY "until" DESC LIMIT ?2`,
      )
      .bind(name, most),
    db.prepare(`SELECT "field", "value" FROM "withheld_values"`),
  ]);
  return (editions?.results ?? [])
    .map(({ body }) =>
      removeValues(JSON.parse(body) as WeeklyEdition, published, withheld?.results ?? []),
    )
    .toReversed();
}
