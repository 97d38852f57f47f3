/** Runs a receiver on this machine: `node --import register.mjs main.ts SETTINGS`. */

import { purge } from "../sqlite/upkeep.ts";
import { log, redirectConsole } from "./log.ts";
import { openRuntime, type Runtime, type Settings } from "./runtime.ts";
import { startServer } from "./start.ts";

/** What the commands that end do, and which lines they print. */
const WORK: Readonly<Record<string, (runtime: Runtime) => Promise<readonly string[]>>> = {
  count: ({ receiver, env }) => receiver.runDaily(env, new Date()),
  purge: ({ receiver, env }) => purge(receiver.project, env),
  migrate: async ({ applied }) => applied,
};

async function serve(settings: Settings): Promise<void> {
  redirectConsole();
  const { url, close } = await startServer(settings);
  let closing: Promise<void> | undefined;
  const stop = (): void => {
    closing ??= close().then(() => log("info", "Stopped"));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  if (settings.minutes) {
    setTimeout(stop, settings.minutes * 60_000).unref();
  }
  // Last, because a reader may send a signal at once.
  process.stdout.write(`${url}\n`);
  log("info", `Listening on ${url}`);
}

try {
  const settings = JSON.parse(process.argv[2] ?? "") as Settings;
  const work = WORK[settings.command];
  if (work === undefined) {
    await serve(settings);
  } else {
    console.log = () => undefined;
    const runtime = await openRuntime(settings, true);
    const lines = await work(runtime);
    runtime.database.connection.close();
    process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // The thread and the timers would go on.
  process.exit(1);
}
