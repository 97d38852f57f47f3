/** Brings a database to the tables that this version of the project needs. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

/** Wrangler's own table, so that a database can move from Cloudflare. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS "d1_migrations" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "name" TEXT UNIQUE,
  "applied_at" TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/**
 * Apply the migrations in *folder* that are new, in the order of their names: all or none.
 *
 * The caller has made a backup, and has checked that the database is not from a newer version.
 *
 * @returns the names of those that were applied
 * @throws Error - if one fails
 */
export function migrate(database: DatabaseSync, folder: string): readonly string[] {
  let name = CREATE_TABLE;
  const names = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  // Another process may do the same.
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(CREATE_TABLE);
    const rows = database.prepare(`SELECT "name" FROM "d1_migrations"`).all();
    const applied = new Set(rows.map((row) => row["name"]));
    const pending = names.filter((file) => !applied.has(file)).toSorted();
    for (name of pending) {
      database.exec(readFileSync(join(folder, name), "utf8"));
      database.prepare(`INSERT INTO "d1_migrations" ("name") VALUES (?1)`).run(name);
    }
    database.exec("COMMIT");
    return pending;
  } catch (cause) {
    if (database.isTransaction) {
      database.exec("ROLLBACK");
    }
    throw new Error(`The migration ${name} failed, and nothing has changed: ${cause}`, { cause });
  }
}
