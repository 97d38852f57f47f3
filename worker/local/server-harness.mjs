/**
 * Runs a receiver on the server (Node and SQLite) during a test run.
 *
 * The one argument is JSON: the server's settings. The protocol is that of harness.mjs. The log,
 * however, is on standard error, and holds every line by the time that `logs` is answered.
 */

import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { redirectConsole } from "../server/log.ts";
import { startServer } from "../server/start.ts";
import { DATABASE } from "../sqlite/upkeep.ts";

// Only the protocol writes to standard output.
redirectConsole();
const send = (message) => process.stdout.write(`${JSON.stringify(message, listBytes)}\n`);
// As D1 does.
const listBytes = (_, value) => (value instanceof Uint8Array ? [...value] : value);

async function answer({ sql, parameters, due, cron, logs }, { runDaily }) {
  if (logs) {
    return { lines: [] };
  }
  if (due !== undefined) {
    const outcome = await runDaily(new Date(due), { TEST_CRON: cron }).then(
      () => "ok",
      () => "exception",
    );
    return { outcome };
  }
  return { rows: database.prepare(sql).all(...parameters) };
}

const settings = JSON.parse(process.argv[2]);
const server = await startServer(settings);
const database = new DatabaseSync(join(settings.data, DATABASE), { timeout: 5000 });
// What a test stores need not survive a power cut.
database.exec("PRAGMA synchronous = OFF");
send({ url: server.url });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    send(await answer(JSON.parse(line), server));
  } catch (error) {
    send({ error: String(error) });
  }
}
database.close();
await server.close();
