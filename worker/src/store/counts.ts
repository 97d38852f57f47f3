/** Counts installations by period, field and value, in D1. */

import type { ReportKind } from "../kinds/kind.ts";
import type { Condition, PublishedField } from "../kinds/published-fields.ts";
import type { Month, Period } from "../statistics/periods.ts";
import { LEAST, type Counts } from "../statistics/withholding.ts";

/**
 * Where each quarter of the IDs ends. IDs are spread evenly over their first hexadecimal digit, and
 * counting one quarter at a time keeps every statement far below the time limit of D1.
 */
const QUARTERS = ["", "4", "8", "c", "\u{10ffff}"] as const;

/**
 * Count *openPeriods* and *closedMonths* from scratch, all of them or none.
 *
 * Each installation is read once for the fields that list their values and once for the others,
 * grouped by all fields at once; a group for each field would read it ten times. The latest reports
 * do not show how a closed month ended. So each installation that has reported since counts with its
 * previous report, which is looked up for each installation.
 *
 * @throws Error - if D1 fails, like every function of this module
 */
export async function countPeriods(
  db: D1Database,
  { name, once, published, contract: { key } }: ReportKind,
  openPeriods: readonly Period[],
  closedMonths: readonly Month[],
): Promise<void> {
  const { table, latestTable } = once;
  const periods = [...openPeriods, ...closedMonths];
  const passes = [
    published.filter(({ openEnded }) => !openEnded),
    published.filter(({ openEnded }) => openEnded),
  ];
  const bounds = [
    ...new Set(
      periods.flatMap(({ from, until }) =>
        until === null ? [from.toISOString()] : [from.toISOString(), until.toISOString()],
      ),
    ),
  ].toSorted();
  const statements = [
    db
      .prepare(
        `DELETE FROM "cells"
        WHERE "kind" = ?1 AND "period" IN (SELECT value FROM json_each(?2))`,
      )
      .bind(name, JSON.stringify(periods.map((period) => period.name))),
  ];
  const add = (
    fields: readonly PublishedField[],
    source: string,
    [first, end]: readonly [string, string],
    counted: readonly Period[],
  ): void => {
    const sql = buildCount(source, fields, bounds.length);
    const bands = JSON.stringify(toBands(counted, bounds));
    statements.push(db.prepare(sql).bind(bands, first, end, name, ...bounds));
  };
  const quarter = `SELECT * FROM "${latestTable}" WHERE "${key}" >= ?2 AND "${key}" < ?3`;
  for (const fields of passes) {
    for (const [index, end] of QUARTERS.slice(1).entries()) {
      add(fields, quarter, [QUARTERS[index] ?? "", end], periods);
    }
    for (const month of closedMonths) {
      const limits = [month.from.toISOString(), month.until.toISOString()] as const;
      add(fields, selectSuperseded(table, key), limits, [month]);
    }
  }
  await db.batch(statements);
}

/**
 * Select the reports from ?2 to before ?3 whose installation's next report came at ?3 or later.
 *
 * `id` grows with `received`, except where clocks disagree. So this starts an hour before ?3, which
 * reads an hour's reports more.
 */
const selectSuperseded = (table: string, key: string): string => `
  SELECT "before".* FROM "${table}" AS "since" CROSS JOIN "${table}" AS "before" ON "before"."id" = (
    SELECT "id" FROM "${table}"
    WHERE "${key}" = "since"."${key}" AND "received" < "since"."received"
    ORDER BY "received" DESC LIMIT 1)
  WHERE "since"."id" > COALESCE(
      (SELECT "id" FROM "${table}"
        WHERE "received" < strftime('%Y-%m-%dT%H:%M:%fZ', ?3, '-1 hour')
        ORDER BY "id" DESC LIMIT 1), 0)
    AND "since"."received" >= ?3 AND "before"."received" >= ?2 AND "before"."received" < ?3`;

/** The bands of each period: a report is in band n if n of *bounds* are not after it. */
function toBands(periods: readonly Period[], bounds: readonly string[]): readonly object[] {
  const bandOf = (time: Date): number => bounds.indexOf(time.toISOString()) + 1;
  return periods.map(({ name, from, until }) => ({
    name,
    first: bandOf(from),
    end: until === null ? bounds.length + 1 : bandOf(until),
  }));
}

/**
 * Build the statement that adds the reports of *source* to the cells of *fields*.
 *
 * ?1 is the bands of the periods as JSON, ?2 and ?3 belong to *source*, ?4 is the report kind, and
 * the bounds begin at ?5.
 */
function buildCount(source: string, fields: readonly PublishedField[], bounds: number): string {
  const values = fields.map(({ name, condition }) =>
    condition === null
      ? `"${name}"`
      : `CASE WHEN ${test(condition)} THEN "${name}" END AS "${name}"`,
  );
  // A flag for each field that does not count every installation.
  const flags = fields.flatMap(({ name, condition }) =>
    condition === null ? [] : [{ name, flag: `${test(condition)} AS "counts in ${name}"` }],
  );
  const band = Array.from({ length: bounds }, (_, index) => `("received" >= ?${index + 5})`);
  const columns = [...values, ...flags.map(({ flag }) => flag), `${band.join(" + ")} AS "band"`];
  const names = fields.map(({ name }) => name);
  return `INSERT INTO "cells" ("kind", "period", "field", "value", "installs")
    WITH "groups" AS MATERIALIZED (
      SELECT ${columns.join(", ")}, COUNT(*) AS "installs" FROM (${source})
      GROUP BY ${columns.map((_, index) => index + 1).join(", ")}
    ), "counts" AS MATERIALIZED (
      SELECT "name".value AS "field",
        json_quote(CASE "name".value ${names.map((name) => `WHEN '${name}' THEN "${name}"`).join(" ")} END)
          AS "value",
        "band", SUM("installs") AS "installs"
      FROM "groups" CROSS JOIN json_each('${JSON.stringify(names)}') AS "name"
      WHERE TRUE
        ${flags.map(({ name }) => `AND ("name".value <> '${name}' OR "counts in ${name}")`).join(" ")}
      GROUP BY 1, 2, 3
    )
    SELECT ?4, "period".value ->> 'name', "field", "counts"."value", SUM("installs")
    FROM "counts" CROSS JOIN json_each(?1) AS "period"
    WHERE "band" >= "period".value ->> 'first' AND "band" < "period".value ->> 'end'
    GROUP BY 2, 3, 4
    ON CONFLICT DO UPDATE SET "installs" = "installs" + excluded."installs"`;
}

const test = ({ field, value }: Condition): string => `"${field}" IS '${value}'`;

/**
 * Read the counts of *period*, by field.
 *
 * The small cells of a field are added up in the database: if somebody makes values up, there can
 * be as many of them as installations.
 */
export async function readCounts(
  db: D1Database,
  { name }: ReportKind,
  period: string,
): Promise<ReadonlyMap<string, Counts>> {
  const [result] = await db.batch<{
    field: string;
    value: string | null;
    cells: number;
    installs: number;
  }>([
    db
      .prepare(
        `SELECT "field", CASE WHEN "installs" >= ?3 THEN "value" END AS "value",
          COUNT(*) AS "cells", SUM("installs") AS "installs"
        FROM "cells" WHERE "kind" = ?1 AND "period" = ?2 GROUP BY 1, 2 ORDER BY 1, 2`,
      )
      .bind(name, period, LEAST),
  ]);
  const byField = Map.groupBy(result?.results ?? [], ({ field }) => field);
  return new Map(
    [...byField].map(([field, rows]) => [
      field,
      {
        cells: rows.flatMap(({ value, installs }) => (value === null ? [] : [{ value, installs }])),
        small: rows.find(({ value }) => value === null) ?? { cells: 0, installs: 0 },
      },
    ]),
  );
}
