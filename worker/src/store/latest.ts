/** Keeps the newest facts of each installation in D1; deletes and purges them. */

import type { LatestStorage, ReportKind, Row } from "../kinds/kind.ts";
import { toDay } from "../kinds/time.ts";
import { noteRemoved } from "./publications.ts";
import { pick, quoteNames, toParameters } from "./sql.ts";
import type { StoreResult } from "./store-result.ts";

const HOUR_MS = 3_600_000;

/**
 * Store *row* as the newest facts of its installation, unless it has sent too many in an hour.
 *
 * One statement decides, so simultaneous reports do not exceed the limit. It writes nothing if the
 * installation sent the same facts before on the same day and there is no limit. A clock that went
 * back or ran ahead is corrected by the next report.
 *
 * @throws Error - if D1 fails; then nothing is stored
 */
export async function storeLatest(
  db: D1Database,
  kind: ReportKind,
  storage: LatestStorage,
  row: Row,
  now: Date,
): Promise<StoreResult> {
  const { upsert, readHour, facts } = statementsFor(kind, storage);
  const key = row.get(kind.contract.key) ?? null;
  const values = [key, toDay(now), ...pick(row, facts)];
  if (storage.perHour === null) {
    await db.batch([db.prepare(upsert).bind(...values)]);
    return { outcome: "stored" };
  }
  const hourAgo = new Date(now.getTime() - HOUR_MS).toISOString();
  const [written, hour] = await db.batch<{ start: string }>([
    db.prepare(upsert).bind(...values, now.toISOString(), hourAgo),
    db.prepare(readHour).bind(key),
  ]);
  if (written?.meta.changes) {
    return { outcome: "stored" };
  }
  const start = Date.parse(hour?.results[0]?.start ?? "");
  return { outcome: "limited", waitMs: start + HOUR_MS - now.getTime() };
}

/**
 * Delete the installations that sent no report on the day of *before* or later.
 *
 * This reads the whole table. An index on the last day would be written with every report.
 *
 * @returns how many installations were deleted
 * @throws Error - if D1 fails; then nothing is deleted
 */
export async function purgeLatest(
  db: D1Database,
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

interface Statements {
  /** ?1 is the key, ?2 the day; then come the facts, and with a limit the time and an hour ago. */
  readonly upsert: string;
  /** ?1 is the key. */
  readonly readHour: string;
  /** The fields except the key. */
  readonly facts: readonly string[];
}

const cache = new WeakMap<LatestStorage, Statements>();

function statementsFor(kind: ReportKind, storage: LatestStorage): Statements {
  const statements = cache.get(storage) ?? buildStatements(kind, storage);
  cache.set(storage, statements);
  return statements;
}

function buildStatements({ contract }: ReportKind, { table, perHour }: LatestStorage): Statements {
  const { key } = contract;
  const facts = contract.fields.filter((field) => field !== key);
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
  return {
    upsert: `INSERT INTO "${table}" (${quoteNames([key, "last_day", ...facts, "first_day", ...columns])})
      VALUES (${[...parameters, "?2", ...values].join(", ")})
      ON CONFLICT ("${key}") DO UPDATE SET
        ${newest.map((name) => `"${name}" = excluded."${name}"`).join(", ")},
        "first_day" = MIN("first_day", excluded."first_day")${limit?.set ?? ""}
      WHERE ${limit?.where ?? newest.map((name) => `"${name}" IS NOT excluded."${name}"`).join(" OR ")}`,
    readHour: `SELECT "hour_start" AS "start" FROM "${table}" WHERE "${key}" = ?1`,
    facts,
  };
}
