/** Corrects what is dated in the future, because a clock ran ahead when it was stored. */

import type { Counters } from "../kinds/counters.ts";
import type { Database } from "../kinds/database.ts";
import type { LatestStorage, OnceStorage, ReportKind } from "../kinds/kind.ts";
import type { Project } from "../kinds/project.ts";
import { listSumColumns } from "../kinds/tables.ts";
import { DAY_MS } from "../kinds/time.ts";
import { addToExisting, sumUp } from "./counters.ts";
import { quoteNames } from "./sql.ts";

/** More daily runs than this that were due later show that the clock of this run is behind. */
const MOST_LATER_RUNS = 3;

interface Correction {
  /** SQL: whether there is anything to correct. */
  readonly isNeeded: string;
  readonly statements: readonly (readonly [sql: string, ...parameters: string[]])[];
}

/**
 * Give everything that is dated in the future the date of the daily run that finds it.
 *
 * Otherwise, it would be kept that much longer, hold up the purge of what was stored after it, and
 * keep its installation from reporting again. What a run in the future published is deleted.
 *
 * Nothing is changed if the clock of this run may be the wrong one: if more than a few runs were due
 * later, and in a table where no fewer days are in the future than before. Once the clock is right
 * again, all that was corrected by a wrong one would be due for the purge.
 *
 * @param due - when the run was due
 * @param now - what is up to a day later than this is not in the future
 * @returns how many rows were changed; null if the clock of this run may be wrong
 * @throws Error - if the database fails; then nothing is changed
 */
export async function correctFutureDates(
  db: Database,
  { counted, kinds }: Pick<Project, "counted" | "kinds">,
  due: Date,
  now: Date,
): Promise<number | null> {
  const newest = new Date(Math.max(due.getTime(), now.getTime()) + DAY_MS).toISOString();
  const run = due.toISOString();
  const corrections = [
    ...kinds.flatMap(({ contract, counters, storage }) => [
      storage.mode === "once"
        ? correctOnce(storage, contract.key, newest, run)
        : correctLatest(storage, newest, run),
      ...(counters === null ? [] : [correctCounters(counters, newest, run)]),
    ]),
    deletePublished(counted, newest),
  ];
  const isNeeded = corrections.map((correction) => correction.isNeeded).join(" OR ");
  const [state] = await db.batch<{ laterRuns: number; isNeeded: number }>([
    db
      .prepare(
        `SELECT (SELECT COUNT(*) FROM "activity" WHERE "kind" = ?2 AND "day" > date(?1))
          AS "laterRuns", ${isNeeded} AS "isNeeded"`,
      )
      .bind(newest, counted.name),
  ]);
  const { laterRuns = 0, isNeeded: needed = 0 } = state?.results[0] ?? {};
  if (laterRuns > MOST_LATER_RUNS) {
    return null;
  }
  if (!needed) {
    return 0;
  }
  const results = await db.batch(
    corrections.flatMap(({ statements }) =>
      statements.map(([sql, ...parameters]) => db.prepare(sql).bind(...parameters)),
    ),
  );
  return results.reduce((sum, { meta }) => sum + meta.changes, 0) || null;
}

/** Write the condition that fewer days of *table* are in the future than before. */
function isMostlyPast(table: string, column: string, where = "TRUE"): string {
  const count = (isOnSide: string): string =>
    `(SELECT COUNT(DISTINCT date("${column}")) FROM "${table}"
      WHERE ${where} AND date("${column}") ${isOnSide} date(?1))`;
  return `${count(">")} < ${count("<=")}`;
}

/**
 * Dates each run of rows that is ahead like the row after it, or like the one before it if that is
 * later: rows are stored in the order of their IDs.
 */
function correctOnce(
  { table, latestTable }: OnceStorage,
  key: string,
  newest: string,
  run: string,
): Correction {
  const isAhead = `"received" > ?1`;
  const isRight = `"received" <= ?1`;
  const canBeAhead = isMostlyPast(latestTable, "received");
  const find = (isBeside: string, order: string): string =>
    `(SELECT "received" FROM "${table}" WHERE ${isRight} AND ${isBeside}
      ORDER BY "id" ${order} LIMIT 1)`;
  const first = `(SELECT "id" FROM "${table}" WHERE ${isRight} ORDER BY "id" LIMIT 1)`;
  const received = `(SELECT MAX("received") FROM "${table}" WHERE "${key}" = "latest"."${key}")`;
  const statements = [
    `WITH "ahead" AS (
      SELECT "id", "id" - ROW_NUMBER() OVER (ORDER BY "id") AS "offset" FROM "${table}"
      WHERE ${isAhead} AND ${canBeAhead} AND ("id" < ${first}
        OR "${key}" IN (SELECT "${key}" FROM "${latestTable}" WHERE ${isAhead}))
    ), "runs" AS (
      SELECT "start", "end", ${find(`"id" < "start"`, "DESC")} AS "before",
        ${find(`"id" > "end"`, "ASC")} AS "after"
      FROM (SELECT MIN("id") AS "start", MAX("id") AS "end" FROM "ahead" GROUP BY "offset")
    )
    UPDATE "${table}" SET "received" = MIN(?2, COALESCE(MAX("before", "after"), "after", ?2))
    FROM "runs" WHERE "${table}"."id" BETWEEN "start" AND "end"`,
    `UPDATE "${latestTable}" AS "latest" SET "received" = MIN(?2, COALESCE(${received}, ?2)),
      "first_received" = MIN("first_received", ?2, COALESCE(${received}, ?2))
    WHERE ${isAhead} AND ${canBeAhead}`,
  ];
  return {
    isNeeded: `EXISTS (SELECT 1 FROM "${latestTable}" WHERE ${isAhead}) OR EXISTS (
      SELECT 1 FROM (SELECT "received" FROM "${table}" ORDER BY "id" LIMIT 1) WHERE ${isAhead})`,
    statements: statements.map((sql) => [sql, newest, run]),
  };
}

function correctLatest({ table }: LatestStorage, newest: string, run: string): Correction {
  const isAhead = `"last_day" > date(?1)`;
  const update = `UPDATE "${table}"
    SET "last_day" = date(?2), "first_day" = MIN("first_day", date(?2))
    WHERE ${isAhead} AND ${isMostlyPast(table, "last_day")}`;
  return {
    isNeeded: `EXISTS (SELECT 1 FROM "${table}" WHERE ${isAhead})`,
    statements: [[update, newest, run]],
  };
}

/** Adds the sums of future days to those of the day of the run. */
function correctCounters(counters: Counters, newest: string, run: string): Correction {
  const { table } = counters;
  const columns = listSumColumns(counters);
  const key = quoteNames(["event", "pair", "first", "second"]);
  const isAhead = `"day" > date(?1)`;
  const where = `FROM "${table}" WHERE ${isAhead} AND ${isMostlyPast(table, "day")}`;
  const insert = `INSERT INTO "${table}" ("day", ${key}, "open", ${quoteNames(columns)})
    SELECT date(?2), ${key}, MAX("open"), ${columns.map(sumUp).join(", ")} ${where}
    GROUP BY ${key} ${addToExisting(columns)}`;
  return {
    isNeeded: `EXISTS (SELECT 1 FROM "${table}" WHERE ${isAhead})`,
    statements: [
      [insert, newest, run],
      [`DELETE ${where}`, newest],
    ],
  };
}

/** Deletes what runs in the future published and counted. */
function deletePublished({ name }: ReportKind, newest: string): Correction {
  const mayBeDeleted = isMostlyPast("activity", "day", `"kind" = ?2`);
  const selections = [
    `FROM "publications" WHERE "kind" = ?2 AND "body" ->> 'until' > ?1`,
    `FROM "weekly_editions" WHERE "kind" = ?2 AND "until" > ?1`,
    `FROM "activity" WHERE "kind" = ?2 AND "day" > date(?1)`,
  ];
  return {
    isNeeded: selections.map((selection) => `EXISTS (SELECT 1 ${selection})`).join(" OR "),
    statements: selections.map((selection) => [
      `DELETE ${selection} AND ${mayBeDeleted}`,
      ...[newest, name],
    ]),
  };
}
