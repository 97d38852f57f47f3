/**
 * Runs a receiver on the server (Node and SQLite) during a test run.
 *
 * The one argument is JSON: the server's settings. The protocol is that of harness.mjs. The log,
 * however, is on standard error, and holds every line by the time that `logs` is answered.
 */

import { createInterface } from "node:readline";
import { redirectConsole } from "../server/log.ts";
import { startServer } from "../server/start.ts";

// Only the protocol writes to standard output.
redirectConsole();
const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function answer({ sql, parameters, due, cron, logs }, { env, runDaily }) {
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
  const { results } = await env.DB.prepare(sql)
    .bind(...parameters)
    .run();
  return { rows: results };
}

const server = await startServer(JSON.parse(process.argv[2]));
send({ url: server.url });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    send(await answer(JSON.parse(line), server));
  } catch (error) {
    send({ error: String(error) });
  }
}
await server.close();
