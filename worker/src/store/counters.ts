/** Adds sums to the counters in D1, with a bounded number of rows a day; purges them. */

import type { Counters } from "../kinds/counters.ts";
import type { CounterRow } from "../kinds/sums.ts";
import { listSumColumns } from "../kinds/tables.ts";
import { toDay } from "../kinds/time.ts";
import { quoteNames } from "./sql.ts";

/**
 * Prepare the one statement that adds *rows*.
 *
 * @param condition - SQL that must hold for anything to be added
 */
export function addToCounters(
  db: D1Database,
  counters: Counters,
  rows: readonly CounterRow[],
  condition: "TRUE" | "changes() > 0",
): D1PreparedStatement {
  const columns = listSumColumns(counters);
  const values = rows.map(({ day, event, pair, first, second, open, sums }) => [
    ...[day, event, pair, first, second, open],
    ...columns.map((column) => sums[column] ?? 0),
  ]);
  return db.prepare(buildUpsert(counters.table, columns, condition)).bind(JSON.stringify(values));
}

/** Prepare the statement that deletes the rows of days before the one of *before*. */
export const purgeCounters = (
  db: D1Database,
  { table }: Counters,
  before: Date,
): D1PreparedStatement => db.prepare(`DELETE FROM "${table}" WHERE "day" < ?1`).bind(toDay(before));

const KEY = ["day", "event", "pair", "first", "second", "open"];

function buildUpsert(table: string, columns: readonly string[], condition: string): string {
  const names = [...KEY, ...columns];
  return `INSERT INTO "${table}" (${quoteNames(names)})
    SELECT ${names.map((_, index) => `value ->> ${index}`).join(", ")}
    FROM json_each(?1) WHERE ${condition}
    ON CONFLICT DO UPDATE SET ${columns
      .map((name) => `"${name}" = MIN(${Number.MAX_SAFE_INTEGER}, "${name}" + excluded."${name}")`)
      .join(", ")}`;
}
