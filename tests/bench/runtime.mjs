/**
 * Runs one bundled Worker on workerd with D1, without wrangler's own servers: they take several
 * times as long as the Worker. Its one argument is {"bundle": the bundle's folder,
 * "compatibilityDate": ...}, as JSON.
 *
 * It talks in JSON lines, like worker/local/harness.mjs: first it writes {"url": ...}, then it
 * answers each {"sql": ..., "parameters": [...]} with {"rows": [...]} or {"error": ...}.
 */

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const packages = createRequire(new URL("../../worker/node_modules/wrangler/", import.meta.url));
const { Miniflare, convertV4MiniflareOptions } = packages("miniflare");
const { bundle, compatibilityDate } = JSON.parse(process.argv[2]);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const files = (ending, type) =>
  readdirSync(bundle)
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ type, path: join(bundle, name) }));

const runtime = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    logRequests: false,
    telemetry: { enabled: false },
    cf: false,
    // The first is the entry.
    modules: [...files(".js", "ESModule"), ...files(".yaml", "Text"), ...files(".css", "Text")],
    modulesRoot: bundle,
    compatibilityDate,
    d1Databases: ["DB"],
  }),
);

try {
  const url = await runtime.ready;
  const database = await runtime.getD1Database("DB");
  say({ url: url.href });
  for await (const line of createInterface({ input: process.stdin })) {
    const { sql, parameters } = JSON.parse(line);
    try {
      const { results } = await database
        .prepare(sql)
        .bind(...parameters)
        .all();
      say({ rows: results });
    } catch (error) {
      say({ error: String(error) });
    }
  }
} finally {
  await runtime.dispose();
}
