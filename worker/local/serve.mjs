/**
 * Serves a Worker on loopback with its database in a folder, or runs its cron once.
 *
 * The one argument is JSON:
 *
 *   {"config": path, "bundle": folder, "data": folder, "port": number, "count": boolean,
 *    "secretFile": path or null}
 *
 * This starts Miniflare instead of `wrangler dev`, because that has paths below /cdn-cgi/ that let
 * any web page run the cron of any day and open the database. Here nothing but the Worker answers.
 */

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

// The version that wrangler uses.
const require = createRequire(import.meta.resolve("wrangler"));
const { Log, LogLevel, Miniflare, convertV4MiniflareOptions } = require("miniflare");

/**
 * Refuses a web page whose own name leads to this machine (DNS rebinding): its browser sends that
 * name as Host.
 */
const GATE = `
import worker from "./worker.js";
const LOCAL = /^(?:127\\.0\\.0\\.1|localhost|\\[::1\\])(?::[0-9]+)?$/i;
export default {
  ...worker,
  fetch: (request, env, context) =>
    LOCAL.test(request.headers.get("Host") ?? "")
      ? worker.fetch(request, env, context)
      : new Response("This Worker answers to localhost only.\\n", { status: 421 }),
};
`;

const { config, bundle, data, port, count, secretFile } = JSON.parse(process.argv[2]);
const settings = unstable_readConfig({ config, env: "local" }, { hideWarnings: true });
const { workerOptions } = unstable_getMiniflareWorkerOptions(settings, "local");
const toModule = (name) => ({
  type: name.endsWith(".js") ? "ESModule" : "Text",
  path: join(bundle, name),
  contents: readFileSync(join(bundle, name), "utf8"),
});
// Wrangler adds a README and a source map.
const modules = readdirSync(bundle)
  .filter((name) => !/^README\.md$|\.map$/.test(name))
  .map(toModule);
const options = convertV4MiniflareOptions({
  host: "127.0.0.1",
  port,
  cf: false,
  log: new Log(LogLevel.INFO),
  logRequests: true,
  resourcePersistencePath: join(data, "v3"),
  workers: [
    {
      ...workerOptions,
      bindings: {
        ...workerOptions.bindings,
        ...(secretFile && { OPERATOR_SECRET: readFileSync(secretFile, "utf8") }),
      },
      name: "worker",
      modulesRoot: bundle,
      modules: [{ type: "ESModule", path: join(bundle, "gate.js"), contents: GATE }, ...modules],
    },
  ],
});
const runtime = new Miniflare(options);

const stop = () => {
  process.stdin.destroy();
  void runtime.dispose();
};
for (const name of ["SIGINT", "SIGTERM"]) {
  process.once(name, stop);
}
process.stdin.once("end", stop).resume();
// Miniflare prints "Ready on" and its URL.
await runtime.ready;
if (count) {
  const worker = await runtime.getWorker();
  const { outcome } = await worker.scheduled({ scheduledTime: new Date() });
  process.exitCode = outcome === "ok" ? 0 : 1;
  stop();
}
