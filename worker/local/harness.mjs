/**
 * Runs a Worker on the real local runtime (workerd and D1) during a test run.
 *
 * The one argument is JSON: a Worker for wrangler's createTestHarness. Paths in it are relative to
 * the current folder. The protocol is JSON lines: the first line out is {"url": ...}, then each line
 * in gets one line out, which is {"error": ...} if it fails:
 *
 *   {"sql": ..., "parameters": [...]}  {"rows": [...]}
 *   {"due": milliseconds, "cron": ...} {"outcome": ...}, after running the cron
 *   {"logs": true}                     {"lines": [...]}, since the last such request
 *
 * It ends when its standard input does, so that it cannot outlive the test run.
 */

import { createInterface } from "node:readline";
import { createTestHarness } from "wrangler";

const server = createTestHarness({
  root: process.cwd(),
  workers: [JSON.parse(process.argv[2])],
});
// Only the protocol writes to standard output.
console.log = console.info = console.debug = console.error;
const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function answer({ sql, parameters, due, cron, logs }, worker, database) {
  if (logs) {
    const lines = server.getLogs().map(({ message }) => message);
    server.clearLogs();
    return { lines };
  }
  if (due !== undefined) {
    const { outcome } = await worker.scheduled({ cron, scheduledTime: new Date(due) });
    return { outcome };
  }
  const { results } = await database
    .prepare(sql)
    .bind(...parameters)
    .all();
  return { rows: results };
}

try {
  const { url } = await server.listen();
  const worker = server.getWorker();
  await worker.applyD1Migrations("DB");
  const { DB } = await worker.getEnv();
  send({ url: url.href });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      send(await answer(JSON.parse(line), worker, DB));
    } catch (error) {
      send({ error: String(error) });
    }
  }
} finally {
  await server.close();
}
