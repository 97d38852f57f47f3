/** Counts installations by period, field and value, in D1. */

import type { ReportKind } from "../kinds/kind.ts";
import type { Condition, PublishedField } from "../kinds/published-fields.ts";
import type { Changes } from "../statistics/changes.ts";
import type { Period } from "../statistics/periods.ts";
import { LEAST_TRUE_COUNT, type Cell, type Counts } from "../statistics/rounding.ts";
import { selectValue } from "./values.ts";

/** A period, and the one that its published numbers were counted for, if there is one. */
export interface CountedPeriod extends Period {
  readonly basis: Pick<Period, "from" | "until"> | null;
}

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
 * @throws Error - if D1 fails
 */
export async function countPeriods(
  db: D1Database,
  kind: ReportKind,
  periods: readonly CountedPeriod[],
): Promise<readonly PeriodCounts[]> {
  const until = periods[0]?.until.toISOString() ?? "";
  const starts = periods.flatMap(({ from, basis }) => (basis ? [from, basis.from] : [from]));
  const start = new Date(Math.min(...starts.map(Number))).toISOString();
  const open = kind.published.filter(isOpen);
  const closed = kind.published.filter((field) => !isOpen(field));
  const results = await db.batch<Row>(
    [closed, open]
      .filter((fields) => fields.length > 0)
      .map((fields) => db.prepare(buildCount(kind, fields, periods)).bind(until, start)),
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

/** Whether reports can have any number of values in a field. */
const isOpen = ({ boolean, listed }: PublishedField): boolean => listed === null && !boolean;

/** Group cells by their field. */
export const groupByField = (
  cells: readonly (Cell & { readonly field: string })[],
): Counts["fields"] => Map.groupBy(cells, ({ field }) => field);

/** Build the statement that counts *fields*, and all installations. ?1 is the end, ?2 the start. */
function buildCount(
  kind: ReportKind,
  fields: readonly PublishedField[],
  periods: readonly CountedPeriod[],
): string {
  const sums = Object.entries(sumsOf(kind, periods));
  const values = fields.map((field) => {
    const value = selectValue(field, `"${field.name}"`);
    const { condition } = field;
    return `${condition ? `CASE WHEN ${test(condition)} THEN ${value} END` : value} AS "${field.name}"`;
  });
  // A flag for each field that does not count every installation.
  const flags = fields.flatMap(({ name, condition }) =>
    condition === null ? [] : [{ name, flag: `${test(condition)} AS "counts in ${name}"` }],
  );
  const columns = [...values, ...flags.map(({ flag }) => flag)];
  const names = fields.map(({ name }) => name);
  const installs = periods.map((_, index) => `"installs_${index}"`);
  const most = installs.length > 1 ? `MAX(${installs.join(", ")})` : installs.join();
  return `
    WITH "groups" AS MATERIALIZED (
      SELECT ${[...columns, ...sums.map(([name, sql]) => `SUM(${sql}) AS "${name}"`)].join(", ")}
      FROM (${selectReports(kind, names, fields)})
      GROUP BY ${columns.map((_, index) => index + 1).join(", ")}
    ), "cells" AS (
      SELECT "name".value AS "field",
        json_quote(CASE "name".value ${names.map((name) => `WHEN '${name}' THEN "${name}"`).join(" ")} END)
          AS "value",
        ${sums.map(([name]) => `SUM("${name}") AS "${name}"`).join(", ")}
      FROM "groups" CROSS JOIN json_each('${JSON.stringify([ALL, ...names])}') AS "name"
      WHERE TRUE
        ${flags.map(({ name }) => `AND ("name".value <> '${name}' OR "counts in ${name}")`).join(" ")}
      GROUP BY 1, 2
    )
    SELECT * FROM (
      SELECT *, ROW_NUMBER() OVER (PARTITION BY "field" ORDER BY ${most} DESC, "value") AS "place"
      FROM "cells" WHERE "field" = '${ALL}' OR ${most} >= ${LEAST_TRUE_COUNT}
    ) WHERE "place" <= ${MOST_CELLS}`;
}

/** The sums over all installations that each period needs, by name. */
function sumsOf(
  { countedFrom }: ReportKind,
  periods: readonly CountedPeriod[],
): Readonly<Record<string, string>> {
  const isCounted = countedFrom === "first report" ? "TRUE" : `"first" < "received"`;
  return Object.fromEntries(
    periods.flatMap(({ from, basis }, index) => {
      const isInside = `"received" >= '${from.toISOString()}'`;
      const isNew = `"first" >= '${basis?.until.toISOString()}'`;
      const wasInside = `"received" >= '${basis?.from.toISOString()}' AND NOT (${isNew})`;
      const changes = basis && [
        [`joined_${index}`, `${isInside} AND ${isNew}`],
        [`left_${index}`, `${wasInside} AND NOT (${isInside})`],
      ];
      return [
        [`installs_${index}`, `${isInside} AND ${isCounted}`],
        [`newcomers_${index}`, `${isInside} AND NOT (${isCounted})`],
        ...(changes ?? []),
      ];
    }),
  );
}

/**
 * Select the latest report before ?1 of each installation, if it came at ?2 or later.
 *
 * The second part selects the reports whose installation's next report came at ?1 or later. `id`
 * grows with `received`, except where clocks disagree. So this starts an hour before ?1, which reads
 * an hour's reports more.
 */
function selectReports(
  { once: { table, latestTable }, contract: { key } }: ReportKind,
  names: readonly string[],
  fields: readonly PublishedField[],
): string {
  const conditions = fields.flatMap(({ condition }) => (condition ? [condition.field] : []));
  const columns = ["received", ...new Set([...names, ...conditions])];
  const select = (from: string): string =>
    `SELECT COALESCE("first_received", "latest"."received") AS "first",
      ${columns.map((name) => `"${from}"."${name}"`).join(", ")}`;
  return `${select("latest")} FROM "${latestTable}" AS "latest"
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
}

const test = ({ field, value }: Condition): string => `"${field}" IS '${value}'`;
