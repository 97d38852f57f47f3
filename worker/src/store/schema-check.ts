/** Checks that the database has every table and column that the receiver uses. */

import type { Database } from "../kinds/database.ts";
import type { Table } from "../kinds/tables.ts";

/**
 * List the *tables* and columns that the database lacks, as `table` and `table.column`.
 *
 * @throws Error - if the database fails
 */
export async function findMissing(
  db: Database,
  tables: readonly Table[],
): Promise<readonly string[]> {
  const statements = tables.map(({ name, columns }) => {
    // With its table before it, SQLite never takes an unknown name in quotes for a text.
    const names = columns.map((column) => `"${name}"."${column.name}"`);
    return db.prepare(`SELECT ${names.join(", ")} FROM "${name}" LIMIT 1`);
  });
  try {
    await db.batch(statements);
    return [];
  } catch (error) {
    const missing = await compare(db, tables);
    if (missing.length === 0) {
      throw error;
    }
    return missing;
  }
}

async function compare(db: Database, tables: readonly Table[]): Promise<readonly string[]> {
  const { results } = await db
    .prepare(
      `SELECT wanted."value" AS "table", present."name" AS "column"
      FROM json_each(?1) AS wanted, pragma_table_info(wanted."value") AS present`,
    )
    .bind(JSON.stringify(tables.map(({ name }) => name)))
    .run<{ table: string; column: string }>();
  const columnsOf = Map.groupBy(results, ({ table }) => table);
  return tables.flatMap(({ name, columns }) => {
    const present = columnsOf.get(name)?.map(({ column }) => column);
    return present === undefined
      ? [name]
      : columns.flatMap((column) =>
          present.includes(column.name) ? [] : [`${name}.${column.name}`],
        );
  });
}
