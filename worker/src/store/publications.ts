/** Reads and replaces the publications of each period. */

import type { Database, Statement } from "../kinds/database.ts";
import type { ReportKind } from "../kinds/kind.ts";
import type { Publication } from "../statistics/edition.ts";
import { COUNTS_AGAIN, LEAST_CHANGES } from "../statistics/changes.ts";
import { WINDOWS, type Progress } from "../statistics/periods.ts";
import type { Summary } from "../statistics/summary.ts";
import { removeValues } from "../statistics/withheld-values.ts";
import { keepWeek } from "./weekly-editions.ts";

/** A publication, and what a later edition needs to know of it. */
export interface CountedPublication extends Publication {
  /** The end of the period that its numbers were counted for, ISO 8601. */
  readonly countedUntil: string;
}

export interface WindowPublication extends CountedPublication {
  /** How many of its installations were removed since then, at most five; or COUNTS_AGAIN. */
  readonly removed: number;
}

/** The state of the database when a run begins. */
export interface State extends Progress {
  /** The key of the rounding. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** The publications of the windows, by period. */
  readonly windows: ReadonlyMap<string, WindowPublication>;
}

const WINDOW_NAMES = WINDOWS.map((days) => `'${days}d'`).join(", ");

/** @throws Error - if the database fails, like every function of this module */
export async function readState(db: Database, { name, storage }: ReportKind): Promise<State> {
  const [, secrets, oldest, publications, windows] = await db.batch<{
    secret: readonly number[];
    received: string | null;
    period: string;
    asOf: string;
    countedUntil: string;
    removed: number;
    body: string;
    until: string;
  }>([
    // The migration draws the secret; a database that was filled by hand may lack it.
    db.prepare(`INSERT OR IGNORE INTO "rounding_secret" VALUES (1, randomblob(32))`),
    db.prepare(`SELECT "secret" FROM "rounding_secret"`),
    db.prepare(
      storage.mode === "once"
        ? `SELECT "received" FROM "${storage.table}" ORDER BY "id" LIMIT 1`
        : `SELECT MIN("first_day") AS "received" FROM "${storage.table}"`,
    ),
    db.prepare(`SELECT "period" FROM "publications" WHERE ${IS_CURRENT}`).bind(name),
    db
      .prepare(
        `SELECT "period", "as_of" AS "asOf", "counted_until" AS "countedUntil", "removed", "body",
          "body" ->> 'until' AS "until"
        FROM "publications" WHERE ${IS_CURRENT} AND "period" IN (${WINDOW_NAMES})`,
      )
      .bind(name),
  ]);
  const ends = (windows?.results ?? []).map(({ until }) => Date.parse(until));
  return {
    secret: new Uint8Array(secrets?.results[0]?.secret ?? []),
    oldestReport: oldest?.results[0]?.received ?? null,
    editionUntil: ends.length === 0 ? null : new Date(Math.max(...ends)),
    countsAgain: (windows?.results ?? []).some(({ removed }) => removed >= COUNTS_AGAIN),
    published: new Set(publications?.results.map(({ period }) => period)),
    windows: new Map(windows?.results.map((row) => [row.period, row])),
  };
}

/** Before migration 0004, another rule decided which counts are published. */
const IS_CURRENT = `"kind" = ?1 AND "counted_until" IS NOT NULL`;

/**
 * Read the publications of *periods*, by period, and the names of all periods that have one.
 *
 * Values that the operator withholds are taken out here rather than in the daily run: that works for
 * every edition at once, and can be undone.
 */
export async function readPublications(
  db: Database,
  { name, published }: ReportKind,
  periods: readonly string[],
): Promise<{ publications: ReadonlyMap<string, Publication>; available: readonly string[] }> {
  const [rows, names, values] = await db.batch<{
    period: string;
    as_of: string;
    body: string;
    field: string;
    value: string;
  }>([
    db
      .prepare(
        `SELECT "period", "as_of", "body" FROM "publications"
        WHERE ${IS_CURRENT} AND "period" IN (SELECT value FROM json_each(?2))`,
      )
      .bind(name, JSON.stringify(periods)),
    db
      .prepare(`SELECT "period" FROM "publications" WHERE ${IS_CURRENT} ORDER BY "period"`)
      .bind(name),
    db.prepare(`SELECT "field", "value" FROM "withheld_values"`),
  ]);
  const withheld = values?.results ?? [];
  const clean = (body: string): string =>
    withheld.length === 0
      ? body
      : JSON.stringify(removeValues(JSON.parse(body) as Summary, published, withheld));
  return {
    publications: new Map(
      rows?.results.map(({ period, as_of, body }) => [
        period,
        { period, asOf: as_of, body: clean(body) },
      ]),
    ),
    available: names?.results.map(({ period }) => period) ?? [],
  };
}

/**
 * Replace the publications of the same periods, all of them or none.
 *
 * @param cleanup - statements to run before it in the same transaction
 */
export async function replacePublications(
  db: Database,
  kind: ReportKind,
  publications: readonly CountedPublication[],
  cleanup: readonly Statement[] = [],
): Promise<void> {
  await db.batch([
    ...cleanup,
    // A release before this table did not keep the week that is replaced.
    keepWeek(db, kind),
    db
      .prepare(
        `INSERT INTO "publications" ("kind", "period", "as_of", "counted_until", "body")
        SELECT ?1, value ->> 'period', value ->> 'asOf', value ->> 'countedUntil', value ->> 'body'
        FROM json_each(?2) WHERE TRUE
        ON CONFLICT DO UPDATE SET "as_of" = excluded."as_of", "body" = excluded."body",
          "removed" = CASE WHEN "counted_until" IS excluded."counted_until"
            AND "removed" < ${COUNTS_AGAIN} THEN "removed" ELSE 0 END,
          "counted_until" = excluded."counted_until"`,
      )
      .bind(kind.name, JSON.stringify(publications)),
    keepWeek(db, kind),
  ]);
}

/**
 * Prepare the statement that notes how many installations of the windows were deleted.
 *
 * @param count - SQL; `changes()` counts what the statement before it deleted
 * @param leastDays - shorter windows did not contain the installations
 */
export function noteRemoved(
  db: Database,
  { name }: ReportKind,
  count: "changes()" | number,
  leastDays: number,
): Statement {
  const windows = WINDOWS.filter((days) => days >= leastDays).map((days) => `${days}d`);
  return db
    .prepare(
      `UPDATE "publications" SET "removed" = MAX("removed", MIN(${LEAST_CHANGES}, "removed" + ${count}))
      WHERE ${count} > 0 AND "kind" = ?1 AND "period" IN (SELECT value FROM json_each(?2))`,
    )
    .bind(name, JSON.stringify(windows));
}
