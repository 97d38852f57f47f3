/** Stores reports, one per installation in `storage.days`; deletes and purges them. */

import type { Row } from "../kinds/contract.ts";
import type { Database, Statement } from "../kinds/database.ts";
import type { OnceStorage, ReportKind } from "../kinds/kind.ts";
import { DAY_MS } from "../kinds/time.ts";
import { noteRemoved } from "./publications.ts";
import { pick, quoteNames, toParameters } from "./sql.ts";
import type { StoreResult } from "./store-result.ts";

/**
 * Store *row*, unless a report of its installation was stored within the window.
 *
 * One statement decides, so that exactly one of several simultaneous reports is stored. Two more
 * statements share its round trip: one reads what the first did and when the last report was
 * received, the other updates the installation's latest report.
 *
 * @param additions - statements of the same transaction, which see the changes of the last one
 * @throws Error - if the database fails; then nothing is stored
 */
export async function storeOnce(
  db: Database,
  kind: ReportKind,
  storage: OnceStorage,
  row: Row,
  now: Date,
  additions: readonly Statement[],
): Promise<StoreResult> {
  const { insert, readLast, updateLatest, otherFields, latestFields } = statementsFor(
    kind,
    storage,
  );
  const key = row.get(kind.contract.key) ?? null;
  const received = now.toISOString();
  const window = storage.days * DAY_MS;
  const windowStart = new Date(now.getTime() - window).toISOString();
  const [, results] = await db.batch<{ received: string; stored: number }>([
    db.prepare(insert).bind(received, key, windowStart, ...pick(row, otherFields)),
    db.prepare(readLast).bind(key),
    db.prepare(updateLatest).bind(received, key, ...pick(row, latestFields)),
    ...additions,
  ]);
  const last = results?.results[0];
  // Times are ISO 8601 in UTC with milliseconds, so text compares as time does.
  const withinWindow = last !== undefined && last.received > windowStart;
  // OR IGNORE skips a row for any constraint, and only the window is a reason to skip one.
  if (last === undefined || !(last.stored || withinWindow)) {
    throw new Error("The database stored no report, although none was received within the window.");
  }
  if (last.stored) {
    return { outcome: "stored" };
  }
  // At most the window, even if a clock went back.
  const waitMs = Math.min(Date.parse(last.received) + window - now.getTime(), window);
  return { outcome: "already submitted", lastSent: last.received, waitMs };
}

/** How many rows one statement reads at most: far fewer than any time limit allows. */
const PURGE_BATCH = 5000;

/**
 * Delete the reports received before *before*, and the installations that sent none since.
 *
 * `id` grows with `received`, so batches take the lowest ids for as long as the very lowest is
 * due. That reads four rows for each that is deleted, and needs no index on `received`, which every
 * report would have to write. A row from a clock that ran fast delays those behind it by as much,
 * unless it is dated after the run.
 *
 * @returns how many reports were deleted
 * @throws Error - if the database fails; earlier batches stay deleted
 */
export async function purgeOnce(
  db: Database,
  kind: ReportKind,
  { table, latestTable }: OnceStorage,
  before: Date,
  retentionDays: number,
): Promise<number> {
  const { key } = kind.contract;
  const due = `"received" < ?1 AND "id" <= (
    SELECT "id" + ?2 - 1 FROM (
      SELECT "id", "received" FROM "${table}" WHERE "received" <= ?3 ORDER BY "id" LIMIT 1)
    WHERE "received" < ?1)`;
  const run = new Date(before.getTime() + retentionDays * DAY_MS);
  const statements = [
    // Installations first: finding them needs the reports that the second statement deletes.
    `DELETE FROM "${latestTable}" WHERE "received" < ?1
      AND "${key}" IN (SELECT "${key}" FROM "${table}" WHERE ${due})`,
    `DELETE FROM "${table}" WHERE ${due}`,
  ].map((sql) => db.prepare(sql).bind(before.toISOString(), PURGE_BATCH, run.toISOString()));
  let purged = 0;
  let removed = 0;
  for (let deleted = 1; deleted > 0; purged += deleted) {
    const [installations, reports] = await db.batch(statements);
    removed += installations?.meta.changes ?? 0;
    deleted = reports?.meta.changes ?? 0;
  }
  if (removed > 0) {
    // They were in the windows that reached this far back a week ago.
    await db.batch([noteRemoved(db, kind, removed, retentionDays - 7)]);
  }
  return purged;
}

interface Statements {
  /** ?1 is the time, ?2 the key, ?3 the start of the window; then come the other fields. */
  readonly insert: string;
  /** ?1 is the key. */
  readonly readLast: string;
  /** ?1 is the time, ?2 the key; then come the fields of the latest report. */
  readonly updateLatest: string;
  readonly otherFields: readonly string[];
  readonly latestFields: readonly string[];
}

const cache = new WeakMap<OnceStorage, Statements>();

function statementsFor(kind: ReportKind, storage: OnceStorage): Statements {
  const statements = cache.get(storage) ?? buildStatements(kind, storage);
  cache.set(storage, statements);
  return statements;
}

function buildStatements(
  { contract, published }: ReportKind,
  { table, latestTable }: OnceStorage,
): Statements {
  const { key } = contract;
  const otherFields = contract.fields.filter((field) => field !== key);
  const latestFields = published.map(({ name }) => name);
  return {
    // Inside the window the subquery yields NULL; `received` is NOT NULL, so OR IGNORE skips the
    // row. This reads one row less than INSERT ... SELECT from the same table, which copies its
    // source first. `changes()` below counts the rows of this statement, because only reads
    // come in between. The table must not have a trigger: it would inherit OR IGNORE.
    insert: `INSERT OR IGNORE INTO "${table}" (${quoteNames(["received", key, ...otherFields])}) VALUES (
      (SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM "${table}" WHERE "${key}" = ?2 AND "received" > ?3)),
      ${["?2", ...toParameters(otherFields, 4)].join(", ")})`,
    readLast: `SELECT "received", changes() AS "stored" FROM "${table}" WHERE "${key}" = ?1
      ORDER BY "received" DESC LIMIT 1`,
    // An installation from before the column `first_received` gets its last report's time.
    updateLatest: `INSERT INTO "${latestTable}" (${quoteNames(["received", key, ...latestFields, "first_received"])})
      SELECT ${["?1", "?2", ...toParameters(latestFields, 3), "?1"].join(", ")} WHERE changes() > 0
      ON CONFLICT ("${key}") DO UPDATE SET "first_received" = COALESCE("first_received", "received"),
      ${["received", ...latestFields].map((name) => `"${name}" = excluded."${name}"`).join(", ")}`,
    otherFields,
    latestFields,
  };
}
