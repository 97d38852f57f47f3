/** Opens the database of a project, with every table and column that the project needs. */

import { listTables } from "../src/kinds/tables.ts";
import type { Project } from "../src/kinds/project.ts";
import { findMissing } from "../src/store/schema-check.ts";
import { SqliteDatabase } from "./database.ts";
import { migrate } from "./migrations.ts";

interface Options {
  /** The project's folder, for messages. */
  readonly project: string;
  /** A module that is served instead of the project's, and makes its tables. */
  readonly entry?: string;
  /** The folder of its migrations. */
  readonly migrations: string;
  readonly durability: "normal" | "full";
  /** Whether others have precedence. */
  readonly isBackground: boolean;
}

/**
 * Open the database at *path*, or in memory, and apply the migrations that are missing.
 *
 * @returns the database, and the names of the migrations that were applied
 * @throws Error - if a migration fails, or the database lacks anything even so: then every report
 *   would be refused
 */
export async function openDatabase(
  path: string,
  project: Project,
  { project: folder, entry, migrations, durability, isBackground }: Options,
): Promise<{ database: SqliteDatabase; applied: readonly string[] }> {
  const database = new SqliteDatabase(path, durability, isBackground);
  const applied = migrate(database.connection, migrations);
  const missing = entry === undefined ? await findMissing(database, listTables(project)) : [];
  if (missing.length > 0) {
    database.connection.close();
    throw new Error(await describeMissing(missing, project, folder, migrations));
  }
  return { database, applied };
}

/** Say in a sentence whether a migration is missing, or the database was changed by hand. */
async function describeMissing(
  missing: readonly string[],
  project: Project,
  folder: string,
  migrations: string,
): Promise<string> {
  const fresh = new SqliteDatabase(":memory:", "normal", false);
  migrate(fresh.connection, migrations);
  const unwritten = await findMissing(fresh, listTables(project));
  fresh.connection.close();
  return unwritten.length > 0
    ? `A migration is missing: the contract needs ${unwritten.join(", ")}, and ${migrations} has ` +
        `nothing that adds it. Write it with \`usage-receiver migrate --project ${folder}\`, then ` +
        "repeat this command, which applies it."
    : `The database lacks ${missing.join(", ")}, although all migrations were applied. Restore a ` +
        "backup with `usage-receiver restore`, or name another folder with --data.";
}
