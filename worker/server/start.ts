/** Starts the server: HTTP, the thread for long work, and the daily run. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { toDay, DAY_MS } from "../src/kinds/time.ts";
import { readActivity } from "../src/store/activity.ts";
import { startBackground } from "./background.ts";
import { createHttpServer } from "./http.ts";
import { flushLog, log } from "./log.ts";
import { openRuntime, type Runtime, type Settings } from "./runtime.ts";
import { startSchedule } from "./schedule.ts";
import { createSenderFinder } from "./sender.ts";

export interface RunningServer extends Pick<Runtime, "env"> {
  readonly url: string;
  /** Run the daily work, with *vars* in addition to the variables of the settings. */
  runDaily(due: Date, vars?: object): Promise<void>;
  /** Finish the requests that have begun, and close everything. */
  close(): Promise<void>;
}

const FINISH_MS = 10_000;

/**
 * @param path - of the database
 * @throws Error - if anything cannot be opened
 */
export async function startServer(path: string, settings: Settings): Promise<RunningServer> {
  const runtime = await openRuntime(path, settings);
  const { receiver, env, database } = runtime;
  database.forbidWaiting();
  const background = startBackground(path, settings, runtime);
  const findSender = createSenderFinder(settings.trustedProxies, (line) => log("warning", line));
  const server = createHttpServer((request, { headers, socket }) => {
    const forwarded = headers["x-forwarded-for"] as string | undefined;
    const sender = findSender(socket.remoteAddress ?? "", forwarded);
    return new URL(request.url).pathname.startsWith("/operator/")
      ? background.answer(request, sender)
      : receiver.answer(request, env, sender);
  }, settings.local);
  server.listen(settings.port, settings.host);
  await once(server, "listening");
  const timer = await startSchedule(
    settings.cron,
    async (due) => {
      const days = { from: toDay(new Date(due.getTime() - DAY_MS)), until: toDay(due) };
      return (await readActivity(env.DB, receiver.project.counted, days)).length > 0;
    },
    (due) =>
      background
        .runDaily(due)
        .catch((error: unknown) => log("error", `the daily run failed: ${String(error)}`)),
  );
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    env,
    runDaily: (due, vars) => background.runDaily(due, vars),
    async close() {
      clearInterval(timer);
      const cut = setTimeout(() => server.closeAllConnections(), FINISH_MS);
      server.close();
      await once(server, "close");
      clearTimeout(cut);
      await background.close();
      database.close();
      flushLog();
    },
  };
}
