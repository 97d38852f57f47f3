/** Runs a receiver on this machine: `node --import register.mjs main.ts SETTINGS`. */

import { log, redirectConsole } from "./log.ts";
import { openRuntime, type Runtime, type Settings } from "./runtime.ts";
import { startServer } from "./start.ts";
import { purge } from "./upkeep.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

async function serve(settings: Settings): Promise<void> {
  redirectConsole();
  const { url, close } = await startServer(settings);
  let isClosing = false;
  const stop = (): void => {
    if (!isClosing) {
      isClosing = true;
      void close().then(() => log("info", "Stopped"));
    }
  };
  for (const name of SIGNALS) {
    process.on(name, stop);
  }
  if (settings.minutes) {
    setTimeout(stop, settings.minutes * 60_000).unref();
  }
  // Last, because a reader may send a signal at once.
  process.stdout.write(`${url}\n`);
  log("info", `Listening on ${url}`);
}

/** Do *work* with the receiver, print what it has done, and end. */
async function runOnce(
  settings: Settings,
  work: (runtime: Runtime) => Promise<readonly string[]>,
): Promise<void> {
  const runtime = await openRuntime(settings, true);
  const lines = await work(runtime);
  runtime.database.connection.close();
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

const settings = JSON.parse(process.argv[2] ?? "") as Settings;
try {
  switch (settings.command) {
    case "serve":
      await serve(settings);
      break;
    case "count":
      console.log = () => undefined;
      await runOnce(settings, ({ receiver, env }) => receiver.runDaily(env, new Date()));
      break;
    case "purge":
      await runOnce(settings, ({ receiver, env }) => purge(receiver.project, env));
      break;
    case "migrate":
      await runOnce(settings, async ({ applied }) => applied);
      break;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // The thread and the timers would go on.
  process.exit(1);
}
