/**
 * Writes SQL that fills a project's empty tables with reports of made-up installations.
 *
 *   node sample.mjs FOLDER INSTALLATIONS
 *
 * It prints JSON: {"count": a query for the number of rows in its tables, "sql": statements}. Values
 * come from the contracts. Most installations agree on the first value of a field, so that even a
 * few have something to publish.
 */

import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { listValues } from "./example-values.mjs";

const DAY_MS = 86_400_000;
const WEEKS = 26;
/** A new value of the field that the page draws over time appears every so many weeks. */
const WEEKS_PER_VALUE = 5;
/** The shares of installations that have the first value, the first two values, and so on. */
const SHARES = [0.72, 0.88, 0.94, 0.97, 1];
const ROWS_PER_STATEMENT = 100;
/** A kind may keep the facts of a report only if it counts anything. */
const ONE_COUNT = [{}];

const [folder, installations] = [resolve(process.argv[2]), Number(process.argv[3])];
const { project } = await import(pathToFileURL(join(folder, "project.ts")).href);
const now = Date.now();
const ids = Array.from({ length: installations }, () => randomUUID());
const tables = project.kinds.flatMap(listTables);
const sql = tables.flatMap(({ name, rows }) => insert(name, rows)).join("\n");
const counts = tables.map(({ name }) => `(SELECT COUNT(*) FROM "${name}")`);
console.log(JSON.stringify({ count: `SELECT ${counts.join(" + ")} AS rows`, sql }));

function listTables(kind) {
  const { contract, published, storage, transform } = kind;
  const choices = contract.leaves
    .filter(({ name }) => name !== contract.key)
    .map((leaf) => [leaf.name, listColumns(contract, leaf)]);
  const makeFacts = (installation, weeksAgo) => {
    const row = new Map([[contract.key, ids[installation]]]);
    choices.forEach(([name, values], field) => {
      const index =
        kind === project.counted && name === project.overTime?.field
          ? chooseByTime(values, installation, weeksAgo)
          : chooseByShare(values, installation, field);
      row.set(name, values[index] ?? null);
    });
    return transform === null ? row : transform(row, {}, ONE_COUNT);
  };
  if (storage.mode === "latest") {
    const rows = ids.map((_, i) => {
      const last = now - (i % Math.min(6, kind.retentionDays)) * DAY_MS;
      const days = [last - (1 + ((i * 5) % 90)) * DAY_MS, last].map(toDay);
      return new Map([...makeFacts(i, 0), ["first_day", days[0]], ["last_day", days[1]]]);
    });
    return [{ name: storage.table, rows }];
  }
  const reports = ids
    .flatMap((_, i) =>
      // Every installation reports weekly, and began between 13 and 26 weeks ago.
      Array.from({ length: WEEKS / 2 + ((i * 5) % (WEEKS / 2)) }, (__, ago) => {
        const time = now - ago * 7 * DAY_MS - Math.floor((i / installations) * 7 * DAY_MS);
        return new Map([["received", new Date(time).toISOString()], ...makeFacts(i, ago)]);
      }),
    )
    .toSorted((left, right) => (left.get("received") < right.get("received") ? -1 : 1));
  const columns = ["received", contract.key, ...published.map(({ name }) => name)];
  const latest = new Map();
  for (const report of reports) {
    const id = report.get(contract.key);
    const first = latest.get(id)?.get("first_received") ?? report.get("received");
    const facts = columns.map((name) => [name, report.get(name)]);
    latest.set(id, new Map([...facts, ["first_received", first]]));
  }
  return [
    { name: storage.table, rows: reports },
    { name: storage.latestTable, rows: [...latest.values()] },
  ];
}

/** List some values of a field as columns. */
function listColumns(contract, leaf) {
  const values = listValues(contract, leaf);
  return leaf.type === "array"
    ? values.map((_, index) => JSON.stringify(values.slice(0, index + 1).toSorted()))
    : values.map((value) => (typeof value === "boolean" ? Number(value) : value));
}

/** Values follow one another; a quarter of the installations is six weeks behind. */
function chooseByTime(values, installation, weeksAgo) {
  const behind = installation % 4 === 3 ? 6 : 0;
  const steps = Math.floor((weeksAgo + behind) / WEEKS_PER_VALUE);
  return Math.max(0, values.length - 1 - steps);
}

/** Spread the values over the installations, in another order for each field. */
function chooseByShare(values, installation, field) {
  const place = ((installation + 0.5) * 0.618034 * (field + 1)) % 1;
  const index = SHARES.findIndex((share) => place < share);
  return Math.min(index, values.length - 1);
}

function insert(table, rows) {
  const columns = [...(rows[0]?.keys() ?? [])];
  const lines = rows.map((row) => `(${columns.map((name) => quote(row.get(name))).join(", ")})`);
  const names = columns.map((name) => `"${name}"`).join(", ");
  return Array.from({ length: Math.ceil(lines.length / ROWS_PER_STATEMENT) }, (_, index) => {
    const part = lines.slice(index * ROWS_PER_STATEMENT, (index + 1) * ROWS_PER_STATEMENT);
    return `INSERT INTO "${table}" (${names}) VALUES\n${part.join(",\n")};`;
  });
}

function quote(value) {
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value ?? "NULL");
}

function toDay(time) {
  return new Date(time).toISOString().slice(0, 10);
}
