/** Keeps the newest facts of each installation; deletes and purges them. */

import type { Row } from "../kinds/contract.ts";
import type { Counters } from "../kinds/counters.ts";
import type { Database, Statement } from "../kinds/database.ts";
import type { LatestStorage, ReportKind } from "../kinds/kind.ts";
import { toDay } from "../kinds/time.ts";
import { noteRemoved } from "./publications.ts";
import { pick, quoteNames, toParameters } from "./sql.ts";
import type { StoreResult } from "./store-result.ts";

const HOUR_MS = 3_600_000;

/**
 * Store *row* as the newest facts of its installation, unless it has sent too many in an hour.
 *
 * A column that the row lacks keeps its value.
 *
 * One statement decides, so simultaneous reports do not exceed the limit. It writes nothing if the
 * installation sent the same facts before on the same day and there is no limit. A clock that went
 * back or ran ahead is corrected by the next report.
 *
 * @param additions - statements of the same transaction, which see the changes of the first one
 * @throws Error - if the database fails; then nothing is stored
 */
export async function storeLatest(
  db: Database,
  kind: ReportKind,
  storage: LatestStorage,
  row: Row,
  now: Date,
  additions: readonly Statement[],
): Promise<StoreResult> {
  const { key: keyName, fields } = kind.contract;
  const facts = fields.filter((field) => field !== keyName && row.has(field));
  const upsert = buildUpsert(keyName, storage, facts);
  const key = row.get(keyName) ?? null;
  const values = [key, toDay(now), ...pick(row, facts)];
  if (storage.perHour === null) {
    await db.batch([db.prepare(upsert).bind(...values), ...additions]);
    return { outcome: "stored" };
  }
  const hourAgo = new Date(now.getTime() - HOUR_MS).toISOString();
  const results = await db.batch<{ start: string }>([
    db.prepare(upsert).bind(...values, now.toISOString(), hourAgo),
    ...additions,
    db
      .prepare(`SELECT "hour_start" AS "start" FROM "${storage.table}" WHERE "${keyName}" = ?1`)
      .bind(key),
  ]);
  if (results[0]?.meta.changes) {
    return { outcome: "stored" };
  }
  const start = Date.parse(results.at(-1)?.results[0]?.start ?? "");
  return { outcome: "limited", waitMs: start + HOUR_MS - now.getTime() };
}

/**
 * Prepare the statement that notes a counted period, unless it ended too soon after the last one.
 *
 * A period that ends later than today ends today, or a clock that ran ahead would block the next.
 */
export function noteCounted(
  db: Database,
  { contract, storage }: ReportKind,
  { until, days }: NonNullable<Counters["once"]>,
  row: Row,
  now: Date,
): Statement {
  const isAccepted =
    storage.mode === "latest" && storage.perHour !== null ? "changes() > 0" : "TRUE";
  return db
    .prepare(
      `UPDATE "${storage.table}" SET "counted_until" = MIN(date(?2), ?3)
      WHERE "${contract.key}" = ?1 AND ${isAccepted} AND date(?2) IS NOT NULL AND (
        "counted_until" IS NULL OR "counted_until" <= date(MIN(date(?2), ?3), '-${days} days'))`,
    )
    .bind(...pick(row, [contract.key, until]), toDay(now));
}

/**
 * Delete the installations that sent no report on the day of *before* or later.
 *
 * This reads the whole table. An index on the last day would be written with every report.
 *
 * @returns how many installations were deleted
 * @throws Error - if the database fails; then nothing is deleted
 */
export async function purgeLatest(
  db: Database,
  kind: ReportKind,
  { table }: LatestStorage,
  before: Date,
  retentionDays: number,
): Promise<number> {
  const [purged] = await db.batch([
    db.prepare(`DELETE FROM "${table}" WHERE "last_day" < ?1`).bind(toDay(before)),
    // They were in the windows that reached this far back a week ago.
    noteRemoved(db, kind, "changes()", retentionDays - 7),
  ]);
  return purged?.meta.changes ?? 0;
}

/** ?1 is the key, ?2 the day; then come the facts, and with a limit the time and an hour ago. */
function buildUpsert(
  key: string,
  { table, perHour }: LatestStorage,
  facts: readonly string[],
): string {
  const newest = ["last_day", ...facts];
  const parameters = toParameters([key, "last_day", ...facts], 1);
  const [now, hourAgo] = toParameters(["now", "hourAgo"], parameters.length + 1);
  // An hour that begins in the future is from a clock that ran ahead.
  const isSameHour = `"hour_start" > ${hourAgo} AND "hour_start" <= ${now}`;
  const limit =
    perHour === null
      ? null
      : {
          set: `, "hour_start" = CASE WHEN ${isSameHour} THEN "hour_start" ELSE ${now} END,
            "sent_in_hour" = CASE WHEN ${isSameHour} THEN "sent_in_hour" + 1 ELSE 1 END`,
          where: `NOT (${isSameHour} AND "sent_in_hour" >= ${perHour})`,
        };
  const columns = limit === null ? [] : ["hour_start", "sent_in_hour"];
  const values = limit === null ? [] : [now, "1"];
  return `INSERT INTO "${table}" (${quoteNames([key, "last_day", ...facts, "first_day", ...columns])})
      VALUES (${[...parameters, "?2", ...values].join(", ")})
      ON CONFLICT ("${key}") DO UPDATE SET
        ${newest.map((name) => `"${name}" = excluded."${name}"`).join(", ")},
        "first_day" = MIN("first_day", excluded."first_day")${limit?.set ?? ""}
      WHERE ${limit?.where ?? newest.map((name) => `"${name}" IS NOT excluded."${name}"`).join(" OR ")}`;
}
