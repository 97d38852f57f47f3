/**
 * Runs the Worker on the real local runtime (workerd and D1) for a test run.
 *
 * Its one argument is what wrangler's test harness takes for a Worker, as JSON.
 * Speaks JSON lines: the first line out is {"url": ...}; then each line in is
 * answered by one out, {"error": ...} if it fails:
 *
 *   {"sql": ..., "parameters": [...]}  {"rows": [...]}
 *   {"due": milliseconds, "cron": ...} {"outcome": ...}, of a run of the cron
 *   {"logs": true}                     {"lines": [...]}, which are then forgotten
 *
 * Ends when standard input does, so that it cannot outlive the run that started it.
 */

import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";

const server = createTestHarness({
  root: fileURLToPath(new URL("..", import.meta.url)),
  workers: [JSON.parse(process.argv[2])],
});
// Standard output is for the protocol alone.
console.log = console.info = console.debug = console.error;
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

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
  say({ url: url.href });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say(await answer(JSON.parse(line), worker, DB));
    } catch (error) {
      say({ error: String(error) });
    }
  }
} finally {
  await server.close();
}
