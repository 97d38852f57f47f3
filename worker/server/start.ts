/** Starts the server: HTTP, the thread for long work, and the daily run. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createDueFinder } from "../src/daily/due.ts";
import { findLastRecorded } from "../src/store/activity.ts";
import { startBackground } from "./background.ts";
import { createHttpServer, type Answer } from "./http.ts";
import { findPlaces, log } from "./log.ts";
import { openRuntime, type Settings } from "./runtime.ts";
import { createSenderFinder } from "./sender.ts";

const FINISH_MS = 10_000;
/** How often to look at the clock, which may be set. */
const CHECK_MS = 20_000;

/** @throws Error - if anything cannot be opened */
export async function startServer(settings: Settings) {
  const findSender = createSenderFinder(settings.trustedProxies, (line) => log("warning", line));
  const runtime = await openRuntime(settings);
  const { receiver, env, database } = runtime;
  const { project } = receiver;
  database.forbidBlocking();
  const work = startBackground(settings, runtime);

  const answer: Answer = async (request) => {
    const { message, url, method } = request;
    const forwarded = request.headers.get("X-Forwarded-For") ?? undefined;
    const sender = findSender(message.socket.remoteAddress ?? "", forwarded);
    if (!url.includes("/operator/") || !new URL(url).pathname.startsWith("/operator/")) {
      return receiver.answer(request, env, sender);
    }
    const headers = message.headers as Record<string, string>;
    const task = { name: "answer", request: { method, url }, headers, sender } as const;
    const outcome = await work(task).catch((error: unknown) =>
      log("error", `an operator's request failed ${findPlaces(error)}`),
    );
    const { route = null, body, init } = outcome ?? {};
    const response = init && new Response(body?.byteLength ? body : null, init);
    return { response: response ?? project.answers.unavailable(), route };
  };
  const server = createHttpServer(answer, settings.local).listen(settings.port, settings.host);
  await once(server, "listening");
  server.on("error", (error) => log("error", `a connection was not accepted: ${error.message}`));

  const { cron } = settings;
  const lastDay = await findLastRecorded(env.DB, project.counted, new Date());
  const findDue = cron && createDueFinder(cron, lastDay, (line) => log("warning", line));
  let isClosing = false;
  const runIfDue = (): void => {
    const due = findDue && findDue(new Date(), performance.now());
    if (due) {
      work({ name: "run daily", due }).catch((error: unknown) =>
        isClosing
          ? log("info", "the daily run was stopped; the next start makes up for it")
          : log("error", `the daily run failed: ${String(error)}`),
      );
    }
  };
  runIfDue();
  const timer = setInterval(runIfDue, CHECK_MS);
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    /** Run the daily work, with *vars* in addition to the variables of the settings. */
    async runDaily(due: Date, vars: object = {}): Promise<void> {
      await work({ name: "run daily", due, vars });
    },
    /** Finish the requests that have begun, and close everything. */
    async close(): Promise<void> {
      isClosing = true;
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
