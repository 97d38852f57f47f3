/** Brings a database to the tables that this version of the project needs. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { BACKUP, writeCopy } from "./files.ts";

/**
 * Apply the new migrations, all or none, after a backup of a database that has some.
 *
 * @param migrations - the folder of the migrations, which are applied in the order of their names
 * @param data - the folder for the backup; null makes none
 * @returns the names of the migrations that were applied
 * @throws Error - if the database has migrations that the folder lacks, or one fails
 */
export function migrate(
  database: DatabaseSync,
  migrations: string,
  data: string | null,
): readonly string[] {
  const names = readdirSync(migrations).filter((name) => name.endsWith(".sql"));
  names.sort();
  const before = findPending(database, names);
  if (before.length > 0 && before.length < names.length && data !== null) {
    writeCopy(database, join(data, BACKUP));
  }
  let pending = before;
  if (before.length > 0) {
    database.exec("BEGIN IMMEDIATE");
    try {
      // Another process may have applied some before this one got the lock.
      pending = findPending(database, names);
      for (const name of pending) {
        apply(database, migrations, name);
      }
      database.exec("COMMIT");
    } finally {
      if (database.isTransaction) {
        database.exec("ROLLBACK");
      }
    }
  }
  return pending;
}

/** List the *names* of the migrations that the database lacks. */
function findPending(database: DatabaseSync, names: readonly string[]): readonly string[] {
  // Wrangler's own table, so that a database can move from Cloudflare.
  database.exec(`CREATE TABLE IF NOT EXISTS "d1_migrations" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "name" TEXT UNIQUE,
    "applied_at" TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
  )`);
  const rows = database.prepare(`SELECT "name" FROM "d1_migrations"`).all();
  const applied = rows.map(({ name }) => String(name));
  const unknown = applied.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `The database is of a newer version or another project, because it has ${unknown.join(", ")}.` +
        " Install that version, or restore a backup from before its migration.",
    );
  }
  return names.filter((name) => !applied.includes(name));
}

function apply(database: DatabaseSync, migrations: string, name: string): void {
  try {
    database.exec(readFileSync(join(migrations, name), "utf8"));
  } catch (error) {
    const message = `The migration ${name} failed, and nothing has changed: ${String(error)}`;
    throw new Error(message, { cause: error });
  }
  database.prepare(`INSERT INTO "d1_migrations" ("name") VALUES (?1)`).run(name);
}
