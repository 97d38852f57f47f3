/** Reads and replaces the publications of each period, in D1. */

import type { ReportKind } from "../kinds/kind.ts";
import type { Publication } from "../publish/edition.ts";
import type { Progress } from "../statistics/periods.ts";

/** @throws Error - if D1 fails, like every function of this module */
export async function readProgress(db: D1Database, { name, once }: ReportKind): Promise<Progress> {
  const [oldest, publications] = await db.batch<{
    received: string;
    period: string;
    as_of: string;
  }>([
    db.prepare(`SELECT "received" FROM "${once.table}" ORDER BY "id" LIMIT 1`),
    db.prepare(`SELECT "period", "as_of" FROM "publications" WHERE "kind" = ?1`).bind(name),
  ]);
  return {
    oldestReport: oldest?.results[0]?.received ?? null,
    countedAt: new Map(publications?.results.map(({ period, as_of }) => [period, as_of])),
  };
}

/** Read the publications of *periods*, by period, and the names of all periods that have one. */
export async function readPublications(
  db: D1Database,
  { name }: ReportKind,
  periods: readonly string[],
): Promise<{ publications: ReadonlyMap<string, Publication>; available: readonly string[] }> {
  const [rows, names] = await db.batch<{ period: string; as_of: string; body: string }>([
    db
      .prepare(
        `SELECT "period", "as_of", "body" FROM "publications"
        WHERE "kind" = ?1 AND "period" IN (SELECT value FROM json_each(?2))`,
      )
      .bind(name, JSON.stringify(periods)),
    db
      .prepare(`SELECT "period" FROM "publications" WHERE "kind" = ?1 ORDER BY "period"`)
      .bind(name),
  ]);
  return {
    publications: new Map(
      rows?.results.map(({ period, as_of, body }) => [period, { period, asOf: as_of, body }]),
    ),
    available: names?.results.map(({ period }) => period) ?? [],
  };
}

/** Replace the publications of the same periods, all of them or none. */
export async function replacePublications(
  db: D1Database,
  { name }: ReportKind,
  publications: readonly Publication[],
): Promise<void> {
  await db.batch(
    publications.map(({ period, asOf, body }) =>
      db
        .prepare(
          `INSERT OR REPLACE INTO "publications" ("kind", "period", "as_of", "body")
          VALUES (?1, ?2, ?3, ?4)`,
        )
        .bind(name, period, asOf, body),
    ),
  );
}
