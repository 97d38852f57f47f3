/**
 * Runs the Worker on the real local runtime (workerd and D1) for a test run.
 *
 * Speaks JSON lines: the first line out is {"url": ...}; then each line in,
 * {"sql": ..., "parameters": [...]}, is answered by {"rows": [...]} or
 * {"error": ...}. Ends when standard input does, so that it cannot outlive the
 * run that started it.
 */

import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";

const server = createTestHarness({
  root: fileURLToPath(new URL("..", import.meta.url)),
  workers: [{ configPath: "wrangler.jsonc" }],
});
// Standard output is for the protocol alone.
console.log = console.info = console.debug = console.error;
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  const { url } = await server.listen();
  const worker = server.getWorker();
  await worker.applyD1Migrations("DB");
  const { DB } = await worker.getEnv();
  say({ url: url.href });
  for await (const line of createInterface({ input: process.stdin })) {
    const { sql, parameters } = JSON.parse(line);
    try {
      const { results } = await DB.prepare(sql).bind(...parameters).all();
      say({ rows: results });
    } catch (error) {
      say({ error: String(error) });
    }
  }
} finally {
  await server.close();
}
