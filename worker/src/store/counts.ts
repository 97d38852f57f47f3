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
  const open = kind.published.filter(({ openEnded }) => openEnded);
  const closed = kind.published.filter(({ openEnded }) => !openEnded);
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
  const sums = listSums(
    kind,
    periods,
    fields.some(({ openEnded }) => openEnded),
  );
  const names = fields.map(({ name }) => name);
  const conditional = names.filter((_, index) => fields[index]?.condition);
  const flags = conditional.map((name) => `counts in ${name}`);
  const keys = [...names, ...flags].map((name) => `"${name}"`).join(", ");
  const values = fields.map(
    (field) => `WHEN '${field.name}' THEN ${selectValue(field, `"${field.name}"`)}`,
  );
  const installs = periods.map((_, index) => `"installs_${index}"`);
  const most = installs.length > 1 ? `MAX(${installs.join(", ")})` : installs.join();
  return `
    WITH "groups" AS MATERIALIZED (
      SELECT ${keys}, "bits", COUNT(*) AS "installs"
      FROM (${selectReports(kind, fields, sums)}) GROUP BY ${keys}, "bits"
    ), "cells" AS (
      SELECT "name".value AS "field",
        json_quote(CASE "name".value ${values.join(" ")} END) AS "value",
        ${sums.map(({ name }, bit) => `SUM(("bits" >> ${bit} & 1) * "installs") AS "${name}"`).join(", ")}
      FROM "groups" CROSS JOIN json_each('${JSON.stringify([ALL, ...names])}') AS "name"
      WHERE TRUE
        ${conditional.map((name) => `AND ("name".value <> '${name}' OR "counts in ${name}")`).join(" ")}
      GROUP BY 1, 2
    )
    SELECT * FROM (
      SELECT *, ROW_NUMBER() OVER (PARTITION BY "field" ORDER BY ${most} DESC, "value") AS "place"
      FROM "cells" WHERE "field" = '${ALL}' OR ${most} >= ${LEAST_TRUE_COUNT}
    ) WHERE "place" <= ${MOST_CELLS}`;
}

/** A number of installations, and the condition for an installation to count in it. */
interface Sum {
  readonly name: string;
  /** SQL, from the times of the report and of the installation's first one. */
  readonly test: (received: string, first: string) => string;
}

/** @param installsOnly - without the sums that all installations need once */
function listSums(
  { countedFrom }: ReportKind,
  periods: readonly CountedPeriod[],
  installsOnly: boolean,
): readonly Sum[] {
  const isCounted = (received: string, first: string): string =>
    countedFrom === "first report" ? "TRUE" : `${first} < ${received}`;
  return periods.flatMap(({ from, basis }, index) => {
    const isInside = (received: string): string => `${received} >= '${from.toISOString()}'`;
    const isNew = (first: string): string => `${first} >= '${basis?.until.toISOString()}'`;
    const installs: Sum = {
      name: `installs_${index}`,
      test: (received, first) => `${isInside(received)} AND ${isCounted(received, first)}`,
    };
    const newcomers: Sum = {
      name: `newcomers_${index}`,
      test: (received, first) => `${isInside(received)} AND NOT (${isCounted(received, first)})`,
    };
    const joined: Sum = {
      name: `joined_${index}`,
      test: (received, first) => `${isInside(received)} AND ${isNew(first)}`,
    };
    const left: Sum = {
      name: `left_${index}`,
      test: (received, first) =>
        `NOT (${isInside(received)}) AND ${received} >= '${basis?.from.toISOString()}'
          AND NOT (${isNew(first)})`,
    };
    return [installs, ...(installsOnly ? [] : [newcomers, ...(basis ? [joined, left] : [])])];
  });
}

/**
 * Select the latest report before ?1 of each installation, if it came at ?2 or later.
 *
 * The tests of *sums* become the bits of one number, because sorting it costs less than sorting
 * times. The second part selects the reports whose installation's next report came at ?1 or later.
 * `id` grows with `received`, except where clocks disagree. So this starts an hour before ?1, which
 * reads an hour's reports more.
 */
function selectReports(
  { storage, contract: { key } }: ReportKind,
  fields: readonly PublishedField[],
  sums: readonly Sum[],
): string {
  if (storage.mode !== "once") {
    throw new Error("Only the storage mode once is counted.");
  }
  const { table, latestTable } = storage;
  const select = (from: string): string => {
    const test = ({ field, value }: Condition): string => `"${from}"."${field}" IS '${value}'`;
    const columns = fields.flatMap(({ name, condition }) =>
      condition === null
        ? [`"${from}"."${name}"`]
        : [
            `CASE WHEN ${test(condition)} THEN "${from}"."${name}" END AS "${name}"`,
            `${test(condition)} AS "counts in ${name}"`,
          ],
    );
    const received = `"${from}"."received"`;
    const first = `COALESCE("latest"."first_received", ${received})`;
    const bits = sums.map((sum, bit) => `((${sum.test(received, first)}) << ${bit})`);
    return `SELECT ${columns.join(", ")}, ${bits.join(" | ")} AS "bits"`;
  };
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
