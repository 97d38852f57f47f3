/** Counts installations by period, field and value. */

import type { Database } from "../kinds/database.ts";
import type { OnceStorage, ReportKind } from "../kinds/kind.ts";
import type { Condition, PublishedField } from "../kinds/published-fields.ts";
import { toDay } from "../kinds/time.ts";
import type { Changes } from "../statistics/changes.ts";
import { LEAST_TRUE_COUNT, type Cell, type Counts } from "../statistics/rounding.ts";
import type { Period } from "../statistics/periods.ts";
import { listStarts, selectClass, selectSums, type CountedPeriod } from "./time-classes.ts";
import { quote, selectElements, selectValue } from "./values.ts";

export interface PeriodCounts extends Counts {
  readonly period: CountedPeriod;
  /** Since the basis of the period, if it has one. */
  readonly changes: Changes;
}

/** How many cells of a field are read at most, the largest first. */
export const MOST_CELLS = 500;

/** The cell of all installations: no contract has a field without a name. */
const ALL = "";

type Row = Readonly<Record<string, number>> & { readonly field: string; readonly value: string };

/**
 * Count *periods*, which all end at the same time, in their order.
 *
 * The answer has a bounded number of rows, and nothing is written. The installations are read once
 * for the fields that list their values and once for the others, grouped by all of these fields at
 * once; a statement for each field would read them eleven times. The latest reports do not show how
 * a past period ended. So each installation that has reported since counts with its previous report,
 * which is looked up for each installation.
 *
 * @throws Error - if the database fails
 */
export async function countPeriods(
  db: Database,
  kind: ReportKind,
  periods: readonly CountedPeriod[],
): Promise<readonly PeriodCounts[]> {
  const until = periods.map((period) => toDay(period.until))[0] ?? "";
  const open = kind.published.filter(({ openEnded }) => openEnded);
  const closed = kind.published.filter(({ openEnded }) => !openEnded);
  // Only the first statement counts all installations, and their changes: made-up values of open
  // fields can make a group of each installation.
  const withoutBasis = periods.map((period) => ({ ...period, basis: null }));
  const passes = [
    { fields: closed, counted: periods, countsAll: true },
    ...(open.length > 0 ? [{ fields: open, counted: withoutBasis, countsAll: false }] : []),
  ];
  const results = await db.batch<Row>(
    passes.map(({ fields, counted, countsAll }) =>
      db
        .prepare(buildCount(kind, fields, counted, countsAll))
        .bind(until, listStarts(counted)[0] ?? until),
    ),
  );
  const rows = results.flatMap((result) => result.results);
  const all = rows.find(({ field }) => field === ALL);
  return periods.map((period, index) => {
    const cells = rows.map((row) => ({ ...row, installs: row[`installs_${index}`] ?? 0 }));
    const counted = cells.filter(({ field, installs }) => field !== ALL && installs > 0);
    return {
      period,
      total: all?.[`installs_${index}`] ?? 0,
      newcomers: all?.[`newcomers_${index}`] ?? 0,
      changes: { joined: all?.[`joined_${index}`] ?? 0, left: all?.[`left_${index}`] ?? 0 },
      fields: groupByField(counted),
    };
  });
}

/**
 * Count the installations of *periods*, which all end at the same time, in their order.
 *
 * @throws Error - if the database fails
 */
export async function countInstallations(
  db: Database,
  kind: ReportKind,
  periods: readonly Period[],
): Promise<readonly number[]> {
  const counted = periods.map((period) => ({ ...period, basis: null }));
  const until = counted.map((period) => toDay(period.until))[0] ?? "";
  const [result] = await db.batch<Row>([
    db.prepare(buildCount(kind, [], counted, true)).bind(until, listStarts(counted)[0] ?? until),
  ]);
  return periods.map((_, index) => result?.results[0]?.[`installs_${index}`] ?? 0);
}

/** Group cells by their field. */
export const groupByField = (
  cells: readonly (Cell & { readonly field: string })[],
): Counts["fields"] => Map.groupBy(cells, ({ field }) => field);

/**
 * Build the statement that counts *fields*, and all installations if *countsAll*.
 *
 * ?1 is the end, ?2 the start.
 *
 * The installations are grouped by one JSON array, because a sort by one column takes half the time
 * of a sort by eight. Its first item is the class of the installation's times, and stands for all
 * installations below; then come the fields, and last whether the conditions of fields are met.
 */
function buildCount(
  kind: ReportKind,
  fields: readonly PublishedField[],
  periods: readonly CountedPeriod[],
  countsAll: boolean,
): string {
  const names = [ALL, ...fields.map(({ name }) => name)];
  const lists = fields.flatMap((field) =>
    field.array ? [`WHEN '${field.name}' THEN ${selectElements(field, '"cell"."value"')}`] : [],
  );
  // Only lists need the join, and it reads a row more for each value.
  const [value, join] =
    lists.length === 0
      ? ['"cell"."value"', ""]
      : [
          '"element".value',
          `CROSS JOIN json_each(CASE "field" ${lists.join(" ")} ELSE json_array("cell"."value") END)
            AS "element"`,
        ];
  const values = fields.map(
    (field) => `WHEN '${field.name}' THEN ${field.array ? value : selectValue(field, value)}`,
  );
  const conditions = fields
    .filter(({ condition }) => condition)
    .map(({ name }, index) => {
      const isMet = `"items" ->> ${names.length + index}`;
      return `AND ("name".key <> ${names.indexOf(name)} OR ${isMet})`;
    });
  const installs = periods.map((_, index) => `"installs_${index}"`);
  const most = installs.length > 1 ? `MAX(${installs.join(", ")})` : installs.join();
  return `
    WITH "groups" AS MATERIALIZED (
      SELECT "items", COUNT(*) AS "installs"
      FROM (${selectItems(kind, fields, periods)}) GROUP BY "items"
    ), "cells" AS (
      SELECT "field", json_quote(CASE "field" WHEN '${ALL}' THEN NULL ${values.join(" ")} END)
        AS "value", ${selectSums(periods, countsAll)}
      FROM (
        SELECT "name".value AS "field", "items" ->> "name".key AS "value", "items" ->> 0 AS "class",
          "installs"
        FROM "groups" CROSS JOIN json_each('${JSON.stringify(names)}') AS "name"
        WHERE "name".key >= ${countsAll ? 0 : 1} ${conditions.join(" ")}
      ) AS "cell" ${join} GROUP BY 1, 2
    )
    SELECT * FROM (
      SELECT *, ROW_NUMBER() OVER (PARTITION BY "field" ORDER BY ${most} DESC, "value") AS "place"
      FROM "cells" WHERE "field" = '${ALL}' OR ${most} >= ${LEAST_TRUE_COUNT}
    ) WHERE "place" <= ${MOST_CELLS}`;
}

/** Select the items of each installation that counts in one of *periods*, or in its basis. */
function selectItems(
  kind: ReportKind,
  fields: readonly PublishedField[],
  periods: readonly CountedPeriod[],
): string {
  const { storage, contract } = kind;
  const select = (from: string, latest: string, first: string): string => {
    const column = (name: string): string => `"${from}"."${name}"`;
    const test = ({ field, value }: Condition): string => `${column(field)} IS ${quote(value)}`;
    const values = fields.map(({ name, condition }) =>
      condition ? `CASE WHEN ${test(condition)} THEN ${column(name)} END` : column(name),
    );
    const conditions = fields.flatMap(({ condition }) => (condition ? test(condition) : []));
    const items = [selectClass(kind, periods, latest, first), ...values, ...conditions];
    return `SELECT json_array(${items.join(", ")}) AS "items"`;
  };
  return storage.mode === "once"
    ? selectReports(storage, contract.key, (from) => {
        const received = `"${from}"."received"`;
        return select(from, received, `COALESCE("latest"."first_received", ${received})`);
      })
    : `${select("latest", '"last_day"', '"first_day"')} FROM "${storage.table}" AS "latest"
      WHERE NOT "excluded" AND "last_day" >= ?2 AND "first_day" < ?1`;
}

/**
 * Select the latest report before ?1 of each installation, if it came at ?2 or later.
 *
 * The second part selects the reports whose installation's next report came at ?1 or later. `id`
 * grows with `received`, except where clocks disagree. So this starts an hour before ?1, which reads
 * an hour's reports more.
 */
const selectReports = (
  { table, latestTable }: OnceStorage,
  key: string,
  select: (from: string) => string,
): string => `
  ${select("latest")} FROM "${latestTable}" AS "latest"
  WHERE NOT "excluded" AND "received" >= ?2 AND "received" < ?1
  UNION ALL ${select("before")}
  FROM "${table}" AS "since" CROSS JOIN "${table}" AS "before" ON "before"."id" = (
    SELECT "id" FROM "${table}"
    WHERE "${key}" = "since"."${key}" AND "received" < "since"."received"
    ORDER BY "received" DESC LIMIT 1)
  CROSS JOIN "${latestTable}" AS "latest" ON "latest"."${key}" = "since"."${key}"
  WHERE "since"."id" > COALESCE(
      (SELECT "id" FROM "${table}"
        WHERE "received" < strftime('%Y-%m-%dT%H:%M:%fZ', ?1, '-1 hour')
        ORDER BY "id" DESC LIMIT 1), 0)
    AND "since"."received" >= ?1 AND "before"."received" >= ?2 AND "before"."received" < ?1
    AND NOT "latest"."excluded"`;
