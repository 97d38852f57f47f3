// Runs transactions on a real file, and writes what became of them as JSON.

import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { SqliteDatabase } from "../../worker/sqlite/database.ts";

const SECRET = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11";
const [path] = process.argv.slice(2);
const database = new SqliteDatabase(path, "normal", false);
database.forbidBlocking();
database.connection.exec("CREATE TABLE items (name TEXT PRIMARY KEY, value) WITHOUT ROWID");

const insert = (name, value = null) =>
  database.prepare("INSERT INTO items VALUES (?1, ?2)").bind(name, value);
const readNames = async () => {
  const { results } = await database.prepare("SELECT name FROM items ORDER BY name").run();
  return results.map(({ name }) => name);
};
const readLogBytes = () => statSync(`${path}-wal`).size;
const seen = {};

// Ten transactions of one turn of the event loop, then ten of a turn each.
const start = readLogBytes();
await Promise.all(Array.from({ length: 10 }, (_, index) => database.batch([insert(`a${index}`)])));
const together = readLogBytes() - start;
for (let index = 0; index < 10; index += 1) {
  await database.batch([insert(`b${index}`)]);
}
seen.shared = together / (readLogBytes() - start - together);
database.connection.exec("DELETE FROM items");

// One of three fails after its first statement.
const outcomes = await Promise.allSettled([
  database.batch([insert("one")]),
  database.batch([insert("two"), insert(SECRET), insert(SECRET)]),
  database.batch([insert("three")]),
]);
seen.outcomes = outcomes.map(({ status }) => status);
seen.reason = String(outcomes[1].reason);
seen.names = await readNames();

// A second statement sees the changes of the first.
const count = database.prepare("SELECT changes() AS changed");
const ignored = database.prepare("INSERT OR IGNORE INTO items VALUES ('one', 1)");
const pairs = await Promise.all([
  database.batch([insert("four"), count]),
  database.batch([ignored, count]),
]);
seen.changed = pairs.map(([first, second]) => [first.meta.changes, second.results[0].changed]);

await database.batch([insert("blob", new Uint8Array([0, 255])), insert("true", true)]);
const values = database.prepare("SELECT value FROM items WHERE name IN ('blob', 'true')");
seen.values = (await values.run()).results.map(({ value }) => value);

// Another process writes for a while.
const other = new DatabaseSync(path);
other.exec("BEGIN IMMEDIATE");
let isStored = false;
const waiting = database
  .batch([
    database.prepare("WITH new AS (SELECT 'five') INSERT INTO items (name) SELECT * FROM new"),
  ])
  .then(() => (isStored = true));
const began = performance.now();
let ticks = 0;
for (; performance.now() - began < 200; ticks += 1) {
  await wait(1);
}
seen.ticks = ticks;
seen.readMeanwhile = (await readNames()).length;
seen.storedMeanwhile = isStored;
other.exec("COMMIT");
await waiting;
seen.storedAfterwards = (await readNames()).includes("five");

console.log(JSON.stringify(seen));
