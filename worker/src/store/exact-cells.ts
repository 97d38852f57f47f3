/** Replaces the exact counts that releases before migration 0004 kept. */

import type { Database } from "../kinds/database.ts";
import type { ReportKind } from "../kinds/kind.ts";
import { isMonth } from "../statistics/periods.ts";
import { LEAST_TRUE_COUNT, type Counts } from "../statistics/rounding.ts";
import { groupByField, MOST_CELLS } from "./counts.ts";
import { replacePublications, type CountedPublication } from "./publications.ts";
import { selectValue } from "./values.ts";

/** A closed month, with its exact counts. */
export interface ExactMonth extends Pick<Counts, "total" | "newcomers" | "fields"> {
  readonly period: string;
  /** ISO 8601, like the others. */
  readonly asOf: string;
  readonly from: string;
  readonly until: string;
}

/**
 * Read the closed months that were published by the earlier rule; null if there is nothing to
 * replace.
 *
 * @throws Error - if the database fails, like every function of this module
 */
export async function readExactMonths(
  db: Database,
  { name, published }: ReportKind,
): Promise<readonly ExactMonth[] | null> {
  const values = published.map(
    (field) => `WHEN '${field.name}' THEN ${selectValue(field, `("value" ->> '$')`)}`,
  );
  // Only databases of releases before migration 0004 have this table.
  const tables = await db.prepare(`SELECT 1 FROM "sqlite_schema" WHERE "name" = 'cells'`).run();
  if (tables.results.length === 0) {
    return null;
  }
  const [publications, cells] = await db.batch<
    Pick<ExactMonth, "period" | "asOf" | "from" | "until" | "total"> & {
      field: string;
      value: string;
      installs: number;
    }
  >([
    db
      .prepare(
        `SELECT "period", "as_of" AS "asOf", "body" ->> 'from' AS "from", "body" ->> 'until' AS "until"
        FROM "publications" WHERE "kind" = ?1 AND "counted_until" IS NULL`,
      )
      .bind(name),
    db
      .prepare(
        `SELECT * FROM (
          SELECT *, SUM("installs") OVER (PARTITION BY "period", "field") AS "total",
            ROW_NUMBER() OVER (PARTITION BY "period", "field" ORDER BY "installs" DESC, "value")
              AS "place"
          FROM (
            SELECT "period", "field", json_quote(CASE "field" ${values.join(" ")} END) AS "value",
              SUM("installs") AS "installs"
            FROM "cells" WHERE "kind" = ?1 GROUP BY 1, 2, 3
          )
        ) WHERE "place" = 1 OR "place" <= ${MOST_CELLS} AND "installs" >= ${LEAST_TRUE_COUNT}`,
      )
      .bind(name),
  ]);
  if (!publications?.results.length && !cells?.results.length) {
    return null;
  }
  const everyone = new Set(published.flatMap((field) => (field.condition ? [] : [field.name])));
  return (
    (publications?.results ?? [])
      // A month that was still running is counted after its end, like every other.
      .filter(({ period, until }) => isMonth(period) && !until.startsWith(period))
      .map((publication) => {
        const own = cells?.results.filter(({ period }) => period === publication.period) ?? [];
        return {
          ...publication,
          total: own.find(({ field }) => everyone.has(field))?.total ?? 0,
          newcomers: 0,
          fields: groupByField(own),
        };
      })
  );
}

/** Replace all that the earlier rule published, and delete the exact counts: all or nothing. */
export const replaceExactCells = (
  db: Database,
  kind: ReportKind,
  months: readonly CountedPublication[],
): Promise<void> =>
  replacePublications(db, kind, months, [
    db
      .prepare(`DELETE FROM "publications" WHERE "kind" = ?1 AND "counted_until" IS NULL`)
      .bind(kind.name),
    db.prepare(`DELETE FROM "cells"`),
  ]);
