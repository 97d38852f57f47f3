/** Adds sums to the counters, with a bounded number of rows a day; purges them. */

import type { Counters } from "../kinds/counters.ts";
import type { Database, Statement } from "../kinds/database.ts";
import { OTHER, type CounterRow } from "../kinds/sums.ts";
import { listSumColumns } from "../kinds/tables.ts";
import { toDay } from "../kinds/time.ts";
import { quoteNames } from "./sql.ts";

/** How many rows with values that the contract does not list a pair keeps a day. */
const MOST_OPEN_ROWS = 500;

/** Sums stay exact in JavaScript. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * Prepare the one statement that adds *rows*.
 *
 * @param condition - SQL that must hold for anything to be added
 */
export function addToCounters(
  db: Database,
  counters: Counters,
  rows: readonly CounterRow[],
  condition: "TRUE" | "changes() > 0",
): Statement {
  const columns = listSumColumns(counters);
  const values = rows.map(({ day, event, pair, first, second, open, sums }) => [
    ...[day, event, pair, first, second, open],
    ...columns.map((column) => sums[column] ?? 0),
  ]);
  return db.prepare(buildUpsert(counters.table, columns, condition)).bind(JSON.stringify(values));
}

/**
 * Delete the rows of days before the one of *before*.
 *
 * @returns how many rows were deleted
 * @throws Error - if the database fails
 */
export async function purgeCounters(
  db: Database,
  { table }: Counters,
  before: Date,
): Promise<number> {
  const [purged] = await db.batch([
    db.prepare(`DELETE FROM "${table}" WHERE "day" < ?1`).bind(toDay(before)),
  ]);
  return purged?.meta.changes ?? 0;
}

const PAIR = ["day", "event", "pair"];
const KEY = [...PAIR, "first", "second"];
/** Each has 500 places a day and pair. A row of the pair `#…` counts how many are used. */
const PLACES = `json_each('["known", "fresh", "first"]') AS "place"`;
const WEEK = `json_each('[1, 2, 3, 4, 5, 6, 7]') AS "ago"`;

/**
 * Write the statement that adds the rows of ?1, a JSON list of lists.
 *
 * A row is kept if the contract lists its values, or if the pair has it on that day already. Any
 * other needs a place, so a pair keeps at most 500 of them a day, whatever is sent:
 *
 * - `known`: the pair had the row on two of the seven days before. Places for all such rows are
 *   reserved when the first row that needs a place arrives.
 * - `fresh`: any other row, while there are places that are not reserved.
 * - `first`: the rest, if the pair had the first value on two of the seven days before. A second
 *   value that is not listed becomes `(other)`. If there are such rows, half of the places that
 *   known rows leave are reserved for them.
 *
 * Without a place, each value that is not listed becomes `(other)` (decision S13).
 */
function buildUpsert(table: string, columns: readonly string[], condition: string): string {
  const names = [...KEY, "open", ...columns];
  const [number = ""] = columns;
  const isToday = `"row"."day" = "it"."day"`;
  const isBefore = `"row"."day" = date("it"."day", -"ago".value || ' days')`;
  const find = (isDay: string, key: readonly string[]): string =>
    `"${table}" AS "row" WHERE ${isDay} AND ${match("row", "it", key.slice(1))}`;
  const isOnTwoDays = (key: readonly string[]): string =>
    `2 = (SELECT COUNT(*) FROM (SELECT 1 FROM ${WEEK}
      WHERE EXISTS (SELECT 1 FROM ${find(isBefore, key)}) LIMIT 2))`;
  const openSecond = `IIF("open" & 2, '${OTHER}', "second")`;
  return `
    WITH "sent" AS MATERIALIZED (
      SELECT ${names.map((name, index) => `value ->> ${index} AS "${name}"`).join(", ")}
      FROM json_each(?1) WHERE ${condition}
    ), "judged" AS MATERIALIZED (
      SELECT *, CASE
        WHEN NOT "open" OR EXISTS (SELECT 1 FROM ${find(isToday, KEY)}) THEN 'kept'
        WHEN '${OTHER}' NOT IN ("first", "second") AND ${isOnTwoDays(KEY)} THEN 'known'
        ELSE 'fresh' END AS "standing", NULL AS "used"
      FROM "sent" AS "it"
    ), "pairs" AS MATERIALIZED (
      SELECT *, NOT EXISTS (
        SELECT 1 FROM "${table}" AS "row" WHERE ${isToday} AND "row"."event" = "it"."event"
          AND "row"."pair" = '#' || "it"."pair") AS "is_new"
      FROM (SELECT DISTINCT ${quoteNames(PAIR)} FROM "judged" WHERE "standing" <> 'kept') AS "it"
    ), "history" AS (
      SELECT ${PAIR.map((name) => `"it"."${name}"`).join(", ")}, "row"."first",
        '${OTHER}' NOT IN ("row"."first", "row"."second") AS "is_whole",
        "row"."open" & 1 AND instr("it"."pair", ',') AS "has_first",
        MIN("ago".value) AS "newest", MAX("ago".value) AS "oldest"
      FROM "pairs" AS "it" CROSS JOIN ${WEEK} CROSS JOIN ${find(isBefore, PAIR)}
        AND "is_new" AND "row"."open"
      GROUP BY 1, 2, 3, 4, "row"."second"
    ), "reserved" AS MATERIALIZED (
      SELECT *, IIF("has_first", (${MOST_OPEN_ROWS} - "known") / 2, 0) AS "first" FROM (
        SELECT ${quoteNames(PAIR)}, MIN(${MOST_OPEN_ROWS}, SUM("rows")) AS "known",
          MAX("is_first") AS "has_first"
        FROM (
          SELECT ${quoteNames(PAIR)}, SUM("is_whole" AND "newest" < "oldest") AS "rows",
            MAX("has_first") AND MIN("newest") < MAX("oldest") AS "is_first"
          FROM "history" GROUP BY ${quoteNames([...PAIR, "first"])}
        ) GROUP BY ${quoteNames(PAIR)})
    ), "places" AS MATERIALIZED (
      SELECT "it".*, "place".value AS "place", COALESCE(
        (SELECT "row"."${number}" FROM "${table}" AS "row" WHERE ${isToday}
          AND "row"."event" = "it"."event" AND "row"."pair" = '#' || "it"."pair"
          AND "row"."first" = '' AND "row"."second" = "place".value),
        CASE "place".value
          WHEN 'known' THEN ${MOST_OPEN_ROWS} - "reserved"."known"
          WHEN 'first' THEN ${MOST_OPEN_ROWS} - "reserved"."first"
          ELSE "reserved"."known" + "reserved"."first" END,
        IIF("place".value = 'fresh', 0, ${MOST_OPEN_ROWS})) AS "used"
      FROM "pairs" AS "it" CROSS JOIN ${PLACES}
      LEFT JOIN "reserved" ON ${match("reserved", "it", PAIR)}
    ), "waiting" AS (SELECT * FROM "judged" WHERE "standing" <> 'kept'
    ), "placed" AS (${claim("waiting", "known", "fresh", names)}
    ), "filled" AS (${claim("placed", "fresh", "rest", names)}
    ), "shortened" AS MATERIALIZED (
      SELECT ${quoteNames(KEY)}, "open", ${quoteNames(columns)}, "used", CASE
        WHEN "standing" <> 'rest' THEN "standing"
        WHEN NOT "open" THEN 'other'
        WHEN EXISTS (SELECT 1 FROM ${find(isToday, KEY)}) THEN 'kept'
        WHEN instr("pair", ',') AND ${isOnTwoDays(KEY.slice(0, -1))} THEN 'first'
        ELSE 'other' END AS "standing"
      FROM (
        SELECT ${quoteNames(PAIR)}, "first", ${quoteNames(columns)}, "used", "standing",
          IIF("standing" = 'rest', ${openSecond}, "second") AS "second",
          IIF("standing" = 'rest', "open" & 1, "open") AS "open"
        FROM "filled") AS "it"
    ), "settled" AS MATERIALIZED (${claim("shortened", "first", "other", names)})
    INSERT INTO "${table}" (${quoteNames(names)})
    SELECT * FROM (
      SELECT ${quoteNames(names)} FROM "judged" WHERE "standing" = 'kept'
      UNION ALL
      SELECT ${quoteNames(PAIR)}, IIF("standing" = 'other' AND "open", '${OTHER}', "first"), "second",
        IIF("standing" = 'other', 0, "open"),
        ${columns.map(sumUp).join(", ")}
      FROM "settled" GROUP BY 1, 2, 3, 4, 5
      UNION ALL
      SELECT ${PAIR.slice(0, -1)
        .map((name) => `"places"."${name}"`)
        .join(", ")},
        '#' || "places"."pair", '', "place", 0,
        COALESCE(MAX("settled"."used"), "places"."used") - IIF("is_new", 0, "places"."used")
        ${", 0".repeat(columns.length - 1)}
      FROM "places"
      LEFT JOIN "settled" ON ${match("settled", "places", PAIR)} AND "standing" = "place"
      GROUP BY ${PAIR.map((name) => `"places"."${name}"`).join(", ")}, "place"
      HAVING "is_new" OR MAX("settled"."used") IS NOT NULL
    ) WHERE TRUE ${addToExisting(columns)}`;
}

/** Write the sum of a column. */
export const sumUp = (column: string): string =>
  `CAST(MIN(${MOST}, TOTAL("${column}")) AS INTEGER)`;

/** Write the clause that adds *columns* to a row that exists. */
export const addToExisting = (columns: readonly string[]): string =>
  `ON CONFLICT DO UPDATE SET ${columns
    .map((name) => `"${name}" = MIN(${MOST}, "${name}" + excluded."${name}")`)
    .join(", ")}`;

/** Write the query that gives the rows of *standing* a place each, or another standing. */
const claim = (
  from: string,
  standing: string,
  otherwise: string,
  names: readonly string[],
): string => `
      SELECT ${quoteNames(names)},
        IIF("standing" = '${standing}' AND "place" > ${MOST_OPEN_ROWS}, '${otherwise}', "standing")
          AS "standing",
        IIF("standing" = '${standing}', "place", "used") AS "used"
      FROM (
        SELECT "it".*, "places"."used" + DENSE_RANK() OVER (
          PARTITION BY ${PAIR.map((name) => `"it"."${name}"`).join(", ")}, "standing"
          ORDER BY "it"."first", "it"."second") AS "place"
        FROM "${from}" AS "it" LEFT JOIN "places"
          ON ${match("places", "it", PAIR)} AND "places"."place" = '${standing}')`;

/** Write the condition that *names* are the same in two tables. */
const match = (left: string, right: string, names: readonly string[]): string =>
  names.map((name) => `"${left}"."${name}" = "${right}"."${name}"`).join(" AND ");
