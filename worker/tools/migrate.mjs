/**
 * Writes the next migration of a project: what its tables lack, compared with its report kinds.
 *
 *   node migrate.mjs FOLDER [--rename OLD=NEW]... [--drop NAME]... [--check]
 *
 * It applies the migrations of FOLDER to an empty database in memory, and imports the kinds from
 * `project.ts` of FOLDER. The exit status is 1 if something is wrong or needs consent, or with
 * --check if a migration is missing; then it has written nothing.
 */

import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { listTables } from "../src/kinds/tables.ts";
import { planChanges, planRenames } from "./table-changes.ts";

const PAIR = /^([^=]+)=([^=]+)$/;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rename: { type: "string", multiple: true, default: [] },
      drop: { type: "string", multiple: true, default: [] },
      check: { type: "boolean", default: false },
    },
  });
  const folder = resolve(positionals[0]);
  const wanted = await importTables(join(folder, "project.ts"));
  const migrations = join(folder, "migrations");
  mkdirSync(migrations, { recursive: true });
  const files = readdirSync(migrations).filter((name) => name.endsWith(".sql"));
  const database = new DatabaseSync(":memory:");
  for (const name of files.toSorted()) {
    apply(database, readFileSync(join(migrations, name), "utf8"), name);
  }

  const renames = planRenames(readTables(database), wanted, values.rename.map(parsePair));
  renames.changes.forEach(({ sql }) => apply(database, sql, "The rename"));
  const rest = planChanges(readTables(database), wanted, new Set(values.drop));
  const problems = [...renames.problems, ...rest.problems];
  if (problems.length > 0) {
    throw new Refusal(["No migration was written:", ...problems].join("\n"));
  }
  rest.changes.forEach(({ sql }) => apply(database, sql, "The new migration"));
  const changes = [...renames.changes, ...rest.changes];
  if (changes.length === 0) {
    console.log("The migrations have all tables and columns of the contract. Nothing to do.");
    return;
  }
  if (values.check) {
    const lines = changes.map(({ sql }) => sql);
    throw new Refusal(["A migration is missing. `migrate` writes it:", ...lines].join("\n"));
  }
  console.log(`Wrote ${write(migrations, files, changes)}`);
}

class Refusal extends Error {}

async function importTables(path) {
  try {
    const { project } = await import(pathToFileURL(path).href);
    return listTables(project);
  } catch (error) {
    throw new Refusal(`${path} defines no valid project: ${error.message}`);
  }
}

function parsePair(text) {
  const pair = PAIR.exec(text);
  if (pair === null) {
    throw new Refusal(`--rename ${text}: write it as --rename OLD=NEW.`);
  }
  return [pair[1], pair[2]];
}

function apply(database, sql, name) {
  try {
    database.exec(sql);
  } catch (error) {
    throw new Refusal(`${name} fails: ${error.message}.`);
  }
}

/** Read the tables of *database* as `listTables` describes them. */
function readTables(database) {
  const list = database
    .prepare(
      `SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
      AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name`,
    )
    .all();
  const columnsOf = database.prepare(`SELECT name, type, "notnull", pk FROM pragma_table_info(?)`);
  const indexesOf = database.prepare(`SELECT name FROM pragma_index_list(?) WHERE origin = 'c'`);
  const partsOf = database.prepare(`SELECT name FROM pragma_index_info(?)`);
  return list.map(({ name, wr }) => {
    const columns = columnsOf.all(name);
    return {
      name,
      columns: columns.map((it) => ({ name: it.name, type: it.type, notNull: it.notnull === 1 })),
      primaryKey: columns
        .filter(({ pk }) => pk > 0)
        .toSorted((a, b) => a.pk - b.pk)
        .map((it) => it.name),
      withoutRowid: wr === 1,
      indexes: indexesOf.all(name).map((index) => partsOf.all(index.name).map((it) => it.name)),
    };
  });
}

/** Write the migration whole or not at all, and return its path. An existing file is an error. */
function write(folder, files, changes) {
  const last = Math.max(0, ...files.map((name) => Number.parseInt(name, 10) || 0));
  const number = String(last + 1).padStart(4, "0");
  const titles = new Set(changes.map(({ title }) => title));
  const title = files.length === 0 ? "tables" : titles.size === 1 ? [...titles][0] : "contract";
  const text = ["-- Written from the report kinds by `migrate`.", ...changes.map((it) => it.sql)];
  const path = join(folder, `${number}_${title.replace(/[^A-Za-z0-9]+/g, "_")}.sql`);
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, `${text.join("\n\n")}\n`);
    linkSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
  return path;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
