/** Plans a migration: compares the tables of a database with those that a project needs. */

import { LEFTOVERS, type Table, type TableColumn } from "../src/kinds/tables.ts";

export interface Change {
  readonly sql: string;
  /** A few words for the migration's file name. */
  readonly title: string;
}

export interface Plan {
  readonly changes: readonly Change[];
  /** What needs the caller's consent first, in sentences. If there are any, nothing may change. */
  readonly problems: readonly string[];
}

/**
 * Plan the renames of tables and columns.
 *
 * @param renames - the old and the new name of each
 */
export function planRenames(
  existing: readonly Table[],
  wanted: readonly Table[],
  renames: readonly (readonly [string, string])[],
): Plan {
  const plans = renames.map(([from, to]) => {
    const title = `rename ${from} to ${to}`;
    const tables =
      existing.some(({ name }) => name === from) && !existing.some(({ name }) => name === to)
        ? wanted.filter(({ name }) => name === to)
        : [];
    const columns = existing.filter((table) => {
      const target = wanted.find(({ name }) => name === table.name);
      const isLeft = hasColumn(table, from) && !hasColumn(target, from);
      return isLeft && hasColumn(target, to) && !hasColumn(table, to);
    });
    const statements = [
      ...tables.map(() => `ALTER TABLE ${quote(from)} RENAME TO ${quote(to)};`),
      ...columns.map(
        ({ name }) => `ALTER TABLE ${quote(name)} RENAME COLUMN ${quote(from)} TO ${quote(to)};`,
      ),
      // A value that the operator withholds stays withheld under both names: months keep the old one.
      ...(columns.length > 0 && existing.some(({ name }) => name === "withheld_values")
        ? [
            `INSERT OR IGNORE INTO "withheld_values" ("field", "value")\n` +
              `SELECT '${to}', "value" FROM "withheld_values" WHERE "field" = '${from}';`,
          ]
        : []),
    ];
    const problem = `--rename ${from}=${to} fits no change: the contract must have ${to} instead of ${from}.`;
    return { statements: statements.map((sql) => ({ sql, title })), problem };
  });
  return {
    changes: plans.flatMap(({ statements }) => statements),
    problems: plans.flatMap((plan) => (plan.statements.length === 0 ? [plan.problem] : [])),
  };
}

/**
 * Plan the changes that make the *existing* tables the *wanted* ones.
 *
 * @param drops - the names of the columns and tables whose data may be lost
 */
export function planChanges(
  existing: readonly Table[],
  wanted: readonly Table[],
  drops: ReadonlySet<string>,
): Plan {
  const losses: Loss[] = existing.flatMap(({ name }) =>
    wanted.some((table) => table.name === name) || LEFTOVERS.has(name)
      ? []
      : [{ name, reason: `No report kind has the table ${name}.` }],
  );
  const changes: Change[] = losses.map(({ name }) => dropTable(name));
  for (const table of wanted) {
    const present = existing.find(({ name }) => name === table.name);
    if (present === undefined) {
      changes.push(...create(table));
    } else if (canBeAltered(present, table)) {
      losses.push(...findLosses(present, table));
      changes.push(...alter(present, table), ...createIndexes(table, present));
    } else {
      const reason = `The table ${table.name} has another key or another required column.`;
      losses.push({ name: table.name, reason });
      changes.push(dropTable(table.name), ...create(table));
    }
  }
  const unused = [...drops].filter((drop) => losses.every(({ name }) => name !== drop));
  const open = losses.filter(({ name }) => !drops.has(name));
  // An option applies to every table with the column, so each is named.
  const problems = open.map(
    ({ name, reason }) => `${reason} To delete its data, add --drop ${name}.`,
  );
  const options = [...new Set(open.map(({ name }) => `--drop ${name}`))];
  if (options.length > 1) {
    problems.push(`To delete all of these data, add ${options.join(" ")}.`);
  }
  return {
    changes,
    problems: [
      ...problems,
      ...unused.map(
        (name) => `--drop ${name} fits no change: the project needs it, or no table has it.`,
      ),
    ],
  };
}

/** A column or table that has to go, with its data. */
interface Loss {
  readonly name: string;
  readonly reason: string;
}

function findLosses(present: Table, table: Table): Loss[] {
  return present.columns.flatMap(({ name, type }) => {
    const target = table.columns.find((column) => column.name === name);
    if (target?.type === type) {
      return [];
    }
    const reason =
      target === undefined
        ? `The table ${table.name} no longer needs the column ${name}. To keep its data under a new name, add --rename ${name}=NEW.`
        : `The column ${name} of the table ${table.name} is ${type}, and the contract needs ${target.type}.`;
    return [{ name, reason }];
  });
}

const lacks = (columns: readonly TableColumn[], { name, type }: TableColumn): boolean =>
  columns.every((column) => column.name !== name || column.type !== type);

/** Drop and add columns. A column that changes its type is dropped and added again. */
function alter(present: Table, table: Table): Change[] {
  const start = `ALTER TABLE ${quote(table.name)}`;
  return [
    ...present.columns
      .filter((column) => lacks(table.columns, column))
      .map(({ name }) => ({
        sql: `${start} DROP COLUMN ${quote(name)};`,
        title: `drop ${name}`,
      })),
    ...table.columns
      .filter((column) => lacks(present.columns, column))
      .map((column) => ({
        sql: `${start} ADD COLUMN ${define(column)};`,
        title: `add ${column.name}`,
      })),
  ];
}

const dropTable = (name: string): Change => ({
  sql: `DROP TABLE ${quote(name)};`,
  title: `drop ${name}`,
});

const keyOf = ({ primaryKey, withoutRowid }: Table): string =>
  JSON.stringify([primaryKey, withoutRowid]);

/** Whether SQLite can turn one table into the other: it cannot change a key or a NOT NULL. */
function canBeAltered(present: Table, table: Table): boolean {
  return (
    keyOf(present) === keyOf(table) &&
    table.columns.every((column) => {
      const old = present.columns.find(({ name }) => name === column.name);
      return old === undefined
        ? !column.notNull || column.default !== undefined
        : old.notNull === column.notNull;
    })
  );
}

function create(table: Table): Change[] {
  // An integer that is a row's ID needs no key of its own.
  const isId = table.primaryKey.length === 1 && !table.withoutRowid;
  const lines = table.columns.map((column) =>
    isId && table.primaryKey.includes(column.name)
      ? `${quote(column.name)} INTEGER PRIMARY KEY`
      : define(column),
  );
  const key = isId ? [] : [`PRIMARY KEY (${table.primaryKey.map(quote).join(", ")})`];
  const body = [...lines, ...key].map((line) => `  ${line}`).join(",\n");
  const end = table.withoutRowid ? ") WITHOUT ROWID;" : ");";
  return [
    { sql: `CREATE TABLE ${quote(table.name)} (\n${body}\n${end}`, title: `create ${table.name}` },
    ...createIndexes(table),
  ];
}

/** Create the indexes that the table *present* lacks. */
function createIndexes({ name, indexes }: Table, present?: Table): Change[] {
  const known = new Set(present?.indexes.map((columns) => columns.join()));
  return indexes
    .filter((columns) => !known.has(columns.join()))
    .map((columns) => ({
      sql: `CREATE INDEX ${quote(["idx", name, ...columns].join("_"))} ON ${quote(name)} (${columns.map(quote).join(", ")});`,
      title: `index ${name}`,
    }));
}

const define = ({ name, type, notNull, default: value }: TableColumn): string =>
  [quote(name), type, notNull && "NOT NULL", value !== undefined && `DEFAULT ${value}`]
    .filter(Boolean)
    .join(" ");

const hasColumn = (table: Table | undefined, name: string): boolean =>
  table?.columns.some((column) => column.name === name) ?? false;

/** A name may have dots or be a keyword of SQL. It cannot have quotes. */
const quote = (name: string): string => `"${name}"`;
