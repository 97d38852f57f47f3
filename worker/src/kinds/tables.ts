/** Lists the tables of a project: those of its report kinds, and the receiver's own. */

import type { Leaf } from "./contract.ts";
import type { Counters } from "./counters.ts";
import type { ReportKind } from "./kind.ts";
import type { Project } from "./project.ts";

export interface TableColumn {
  readonly name: string;
  readonly type: "TEXT" | "INTEGER" | "BLOB";
  readonly notNull: boolean;
  /** SQL of the default value. */
  readonly default?: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** The names of its columns. */
  readonly primaryKey: readonly string[];
  readonly withoutRowid: boolean;
  /** The columns of each index. */
  readonly indexes: readonly (readonly string[])[];
}

/** The table of an earlier release: a later one drops it. */
export const LEFTOVERS: ReadonlySet<string> = new Set(["cells"]);

const nullable = (type: TableColumn["type"], ...names: readonly string[]): TableColumn[] =>
  names.map((name) => ({ name, type, notNull: false }));

const required = (type: TableColumn["type"], ...names: readonly string[]): TableColumn[] =>
  names.map((name) => ({ name, type, notNull: true }));

const counter = (name: string): TableColumn => ({
  name,
  type: "INTEGER",
  notNull: true,
  default: "0",
});

/** A table without row IDs, whose *primaryKey* are its first columns. */
function keyed(name: string, primaryKey: readonly string[], columns: TableColumn[]): Table {
  const all = [...required("TEXT", ...primaryKey), ...columns];
  return { name, columns: all, primaryKey, withoutRowid: true, indexes: [] };
}

const OWN_TABLES: readonly Table[] = [
  keyed(
    "publications",
    ["kind", "period"],
    [
      ...required("TEXT", "as_of", "body"),
      ...nullable("TEXT", "counted_until"),
      counter("removed"),
    ],
  ),
  keyed("withheld_values", ["field", "value"], []),
  keyed("weekly_editions", ["kind", "until"], required("TEXT", "as_of", "body")),
  keyed("activity", ["kind", "day"], nullable("INTEGER", "active_1", "active_7", "active_30")),
  {
    name: "rounding_secret",
    columns: [...nullable("INTEGER", "id"), ...required("BLOB", "secret")],
    primaryKey: ["id"],
    withoutRowid: false,
    indexes: [],
  },
];

/** @throws Error - if a name occurs twice, or a table has too many columns */
export function listTables({ kinds }: Pick<Project, "kinds">): readonly Table[] {
  const tables = [
    ...kinds.flatMap((kind) => [...listKindTables(kind), ...listCounterTables(kind)]),
    ...OWN_TABLES,
  ];
  requireDistinct("tables", tables);
  for (const { name, columns } of tables) {
    requireDistinct(`columns of the table ${name}`, columns);
    if (columns.length > MOST_COLUMNS) {
      throw new Error(
        `The table ${name} needs ${columns.length} columns. At most ${MOST_COLUMNS} are possible.`,
      );
    }
  }
  return tables;
}

/** The fewest columns, and parameters of a statement, that any of the databases supports. */
const MOST_COLUMNS = 100;

/** SQLite ignores the case of names. */
function requireDistinct(what: string, items: readonly { readonly name: string }[]): void {
  const names = items.map(({ name }) => name.toLowerCase());
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  if (repeated.length > 0) {
    throw new Error(
      `These ${what} have the same name: ${repeated.join(", ")}. Rename a field or table.`,
    );
  }
}

/** List the columns with sums, of all events of a kind. */
export const listSumColumns = ({ events }: Counters): readonly string[] => [
  ...new Set(events.flatMap(({ sums }) => Object.keys(sums))),
];

const listCounterTables = ({ counters }: ReportKind): readonly Table[] =>
  counters === null
    ? []
    : [
        keyed(
          counters.table,
          ["day", "event", "pair", "first", "second"],
          ["open", ...listSumColumns(counters)].map(counter),
        ),
      ];

function listKindTables({ contract, counters, published, storage }: ReportKind): readonly Table[] {
  const { key } = contract;
  const facts = contract.leaves.filter(({ name }) => name !== key);
  if (storage.mode === "latest") {
    const limit = [...nullable("TEXT", "hour_start"), ...nullable("INTEGER", "sent_in_hour")];
    const columns = [
      ...required("TEXT", "first_day", "last_day"),
      ...nullable("TEXT", ...(counters?.once ? ["counted_until"] : [])),
      counter("excluded"),
    ];
    return [
      keyed(
        storage.table,
        [key],
        [...columns, ...(storage.perHour === null ? [] : limit), ...facts.map(toColumn)],
      ),
    ];
  }
  const isPublished = new Set(published.map(({ name }) => name));
  const latest = facts.filter(({ name }) => isPublished.has(name)).map(toColumn);
  return [
    {
      name: storage.table,
      columns: [
        ...nullable("INTEGER", "id"),
        ...required("TEXT", "received", key),
        ...facts.map(toColumn),
      ],
      primaryKey: ["id"],
      withoutRowid: false,
      indexes: [[key, "received"]],
    },
    keyed(
      storage.latestTable,
      [key],
      [
        ...required("TEXT", "received"),
        ...nullable("TEXT", "first_received"),
        counter("excluded"),
        ...latest,
      ],
    ),
  ];
}

/** A required field may be empty too: rows from before it was required stay. */
const toColumn = ({ name, type }: Leaf): TableColumn => ({
  name,
  type: type === "integer" || type === "boolean" ? "INTEGER" : "TEXT",
  notNull: false,
});
