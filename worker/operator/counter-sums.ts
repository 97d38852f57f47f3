/** Adds up counters by day and value. */

import type { Database } from "../src/kinds/database.ts";
import { OTHER } from "../src/kinds/sums.ts";
import { UNKNOWN } from "../site/labels.ts";
import type { CounterQuery } from "./counter-query.ts";
import { quoteNames } from "../src/store/sql.ts";

/** SQL of the day that a row of the answer has. */
const DAYS: Readonly<Record<CounterQuery["step"], string>> = {
  day: `"day"`,
  // A week begins on Sunday, as an edition does.
  week: `date("day", '-6 days', 'weekday 0')`,
  total: "NULL",
};

/** List the columns of an answer. */
export const listSumNames = ({ by, step, sums }: CounterQuery): readonly string[] => [
  ...(step === "total" ? [] : ["day"]),
  ...by,
  ...sums,
];

/**
 * Read the sums of *query*: a row for each step and value, ascending by day, the largest first.
 *
 * @throws Error - if the database fails
 */
export async function sumCounters(
  db: Database,
  query: CounterQuery,
): Promise<readonly Readonly<Record<string, string | number>>[]> {
  const { days, event, pair } = query;
  const [sums] = await db.batch<Record<string, string | number>>([
    db.prepare(buildSelect(query)).bind(JSON.stringify(days), event, pair),
  ]);
  return sums?.results ?? [];
}

/**
 * Build the statement. ?1 are the days, ?2 is the event and ?3 the pair.
 *
 * The key of the table begins with the day, so each day is looked up on its own: that reads the rows
 * of the pair only.
 */
function buildSelect(query: CounterQuery): string {
  const { table, sums, by, step, top } = query;
  const values = (["first", "second"] as const).map((name) =>
    by.includes(name)
      ? `CASE "${name}" WHEN '' THEN '${UNKNOWN}' ELSE "${name}" END AS "${name}"`
      : `'' AS "${name}"`,
  );
  const shown = by.map(
    (name) => `CASE WHEN "place" <= ${top} THEN "${name}" ELSE '${OTHER}' END AS "${name}"`,
  );
  const [largest = ""] = sums;
  return `
    WITH "groups" AS (
      SELECT ${DAYS[step]} AS "day", ${[...values, ...sums.map(add)].join(", ")}
      FROM (SELECT value AS "wanted" FROM json_each(?1)) CROSS JOIN "${table}"
        ON "day" = "wanted" AND "event" = ?2 AND "pair" = ?3
      GROUP BY 1, 2, 3
    ), "places" AS (
      SELECT "first", "second",
        ROW_NUMBER() OVER (ORDER BY TOTAL("${largest}") DESC, "first", "second") AS "place"
      FROM "groups" GROUP BY 1, 2
    ), "rows" AS (
      SELECT "day", ${[...shown, ...sums.map(add)].join(", ")}
      FROM "groups" JOIN "places" USING ("first", "second")
      GROUP BY ${["day", ...by].map((_, index) => index + 1).join(", ")}
    )
    SELECT ${quoteNames(listSumNames(query))} FROM "rows"
    ORDER BY "day", "${largest}" DESC${by.map((name) => `, "${name}"`).join("")}`;
}

/** Sums of many saturated numbers would not fit an integer, so they are floating-point numbers. */
const add = (name: string): string =>
  `CAST(MIN(${Number.MAX_SAFE_INTEGER}, TOTAL("${name}")) AS INTEGER) AS "${name}"`;
