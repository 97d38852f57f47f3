/** Stores, deletes and purges the reports of any kind, by its storage mode. */

import type { Row } from "../kinds/contract.ts";
import type { Database } from "../kinds/database.ts";
import type { ReportKind } from "../kinds/kind.ts";
import type { CounterRow } from "../kinds/sums.ts";
import { addToCounters } from "./counters.ts";
import { noteCounted, purgeLatest, storeLatest } from "./latest.ts";
import { purgeOnce, storeOnce } from "./once.ts";
import { noteRemoved } from "./publications.ts";
import type { StoreResult } from "./store-result.ts";

const listTables = ({ storage }: ReportKind): readonly string[] =>
  storage.mode === "once" ? [storage.table, storage.latestTable] : [storage.table];

/**
 * Store a report and what it counts, in one transaction.
 *
 * @param row - null stores no facts
 * @throws Error - if the database fails; then nothing is stored
 */
export async function storeReport(
  db: Database,
  kind: ReportKind,
  row: Row | null,
  sums: readonly CounterRow[],
  now: Date,
): Promise<StoreResult> {
  const { counters, storage } = kind;
  const once = row && counters?.once;
  // A report that is refused changes nothing; neither does one whose period was counted before.
  const canBeRefused = row && (storage.mode === "once" || storage.perHour !== null || once);
  const additions =
    counters === null || sums.length === 0
      ? []
      : [
          ...(once ? [noteCounted(db, kind, once, row, now)] : []),
          addToCounters(db, counters, sums, canBeRefused ? "changes() > 0" : "TRUE"),
        ];
  if (row !== null) {
    return storage.mode === "once"
      ? storeOnce(db, kind, storage, row, now, additions)
      : storeLatest(db, kind, storage, row, now, additions);
  }
  if (additions.length > 0) {
    await db.batch(additions);
  }
  return { outcome: "stored" };
}

/**
 * Delete every row of the installation *id* in the tables of all *kinds*, in one transaction.
 *
 * @returns how many reports were deleted; null if no kind accepts *id* as an ID
 * @throws Error - if the database fails; then nothing is deleted
 */
export async function deleteInstallation(
  db: Database,
  kinds: readonly ReportKind[],
  id: unknown,
): Promise<number | null> {
  const deletions = kinds.flatMap((kind) => {
    const key = kind.contract.cleanKey(id);
    const statements = listTables(kind).map((table) =>
      db.prepare(`DELETE FROM "${table}" WHERE "${kind.contract.key}" = ?1`).bind(key),
    );
    return key === null ? [] : [[...statements, noteRemoved(db, kind, "changes()", 0)]];
  });
  if (deletions.length === 0) {
    return null;
  }
  const results = await db.batch(deletions.flat());
  // The first statement of each kind deletes its reports.
  let first = 0;
  let reports = 0;
  for (const { length } of deletions) {
    reports += results[first]?.meta.changes ?? 0;
    first += length;
  }
  return reports;
}

/**
 * Delete the reports received before *before*, and the installations that sent none since.
 *
 * @returns how many reports were deleted
 * @throws Error - if the database fails
 */
export function purgeReports(
  db: Database,
  kind: ReportKind,
  before: Date,
  retentionDays: number,
): Promise<number> {
  const { storage } = kind;
  return storage.mode === "once"
    ? purgeOnce(db, kind, storage, before, retentionDays)
    : purgeLatest(db, kind, storage, before, retentionDays);
}
