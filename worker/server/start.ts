/** Starts the server: HTTP, the thread for long work, and the daily run. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { DAY_MS, toDay } from "../src/kinds/time.ts";
import { readActivity } from "../src/store/activity.ts";
import { startBackground, UnavailableError } from "./background.ts";
import { createHttpServer, type Answer } from "./http.ts";
import { log } from "./log.ts";
import { openRuntime, type Settings } from "./runtime.ts";
import { startSchedule } from "./schedule.ts";
import { createSenderFinder } from "./sender.ts";

export interface RunningServer {
  readonly url: string;
  /** Run the daily work, with *vars* in addition to the variables of the settings. */
  runDaily(due: Date, vars?: object): Promise<void>;
  /** Finish the requests that have begun, and close everything. */
  close(): Promise<void>;
}

const FINISH_MS = 10_000;

/** @throws Error - if anything cannot be opened */
export async function startServer(settings: Settings): Promise<RunningServer> {
  const findSender = createSenderFinder(settings.trustedProxies, (line) => log("warning", line));
  const runtime = await openRuntime(settings);
  const { receiver, env, database } = runtime;
  database.forbidBlocking();
  const work = startBackground(settings, runtime);

  const answer: Answer = async (request) => {
    const { message, url, method } = request;
    const forwarded = request.get("X-Forwarded-For") ?? undefined;
    const sender = findSender(message.socket.remoteAddress ?? "", forwarded);
    if (!message.url?.startsWith("/operator/")) {
      return receiver.answer(request, env, sender);
    }
    const headers = message.headers as Record<string, string>;
    const task = { name: "answer", request: { method, url, headers }, sender } as const;
    const outcome = await work(task).catch((error: unknown) => {
      if (!(error instanceof UnavailableError)) {
        throw error;
      }
    });
    if (outcome === undefined) {
      return { response: receiver.project.answers.unavailable(), route: null };
    }
    const { body, init, route } = outcome;
    return { response: new Response(body.byteLength ? body : null, init), route };
  };
  const server = createHttpServer(answer, settings.local).listen(settings.port, settings.host);
  await once(server, "listening");
  server.on("error", (error) => log("error", `a connection was not accepted: ${error.message}`));

  const isDone = async (due: Date): Promise<boolean> => {
    const days = { from: toDay(new Date(due.getTime() - DAY_MS)), until: toDay(due) };
    return (await readActivity(env.DB, receiver.project.counted, days)).length > 0;
  };
  const run = async (due: Date): Promise<void> => {
    await work({ name: "run daily", due }).catch((error: unknown) =>
      log("error", `the daily run failed: ${String(error)}`),
    );
  };
  const { cron } = settings;
  const timer = cron === null ? undefined : await startSchedule(cron, isDone, run);
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    async runDaily(due, vars = {}) {
      await work({ name: "run daily", due, vars });
    },
    async close() {
      clearInterval(timer);
      const cut = setTimeout(() => server.closeAllConnections(), FINISH_MS);
      server.close();
      await once(server, "close");
      clearTimeout(cut);
      await work({ name: "close" }).catch(() => undefined);
      // Of a database in memory, that has closed this connection.
      if (database.connection.isOpen) {
        database.connection.close();
      }
    },
  };
}
