/** Does long work in a thread with a connection of its own, so that reports do not wait for it. */

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { cleanUp, keepLogEmpty } from "../sqlite/upkeep.ts";
import type { Sender } from "../src/kinds/sender.ts";
import { findPlaces, log, redirectConsole } from "./log.ts";
import { openRuntime, type Runtime, type Settings } from "./runtime.ts";

/** Work, as a message to the thread. */
export type Task =
  | { readonly name: "run daily"; readonly due: Date; readonly vars?: object }
  | {
      readonly name: "answer";
      readonly request: { readonly method: string; readonly url: string };
      readonly headers: Readonly<Record<string, string>>;
      readonly sender: Sender;
    }
  | { readonly name: "close" };

/** An answer, as a message from the thread; of other work, nothing. */
interface Answered {
  readonly route: string | null;
  readonly body: ArrayBuffer;
  readonly init: { readonly status: number; readonly headers: [string, string][] };
}

type Outcome = Answered | undefined;
type Reply = { readonly outcome: Outcome } | { readonly error: unknown };

const RESTART_MS = 1000;
const UNAVAILABLE = new Error("The thread for long work has ended, or has too much to do.");
/** What waits beyond that is refused. */
const MOST_CALLS = 1000;

/** Start the thread. A database in memory has one connection, so *runtime* does its work. */
export function startBackground(
  settings: Settings,
  runtime: Runtime,
): (task: Task) => Promise<Outcome> {
  if (runtime.folder === null) {
    return (task) => perform(runtime, task);
  }
  const calls: PromiseWithResolvers<Outcome>[] = [];
  let thread: Worker | null = null;
  let isClosing = false;
  const start = (): void => {
    thread = new Worker(import.meta.filename, { workerData: settings })
      .on("message", (reply: Reply) => {
        const call = calls.shift();
        return "error" in reply ? call?.reject(reply.error) : call?.resolve(reply.outcome);
      })
      .on("error", (error) => log("error", `the thread for long work failed ${findPlaces(error)}`))
      .on("exit", () => {
        thread = null;
        calls.splice(0).forEach(({ reject }) => reject(UNAVAILABLE));
        if (!isClosing) {
          log("error", "the thread for long work has ended; it starts again");
          setTimeout(start, RESTART_MS).unref();
        }
      });
  };
  start();
  return (task) => {
    isClosing ||= task.name === "close";
    if (thread === null || (calls.length >= MOST_CALLS && !isClosing)) {
      return Promise.reject(UNAVAILABLE);
    }
    const call = Promise.withResolvers<Outcome>();
    calls.push(call);
    thread.postMessage(task);
    return call.promise;
  };
}

async function perform(runtime: Runtime, task: Task): Promise<Outcome> {
  const { receiver, env, database, folder } = runtime;
  switch (task.name) {
    case "run daily":
      try {
        await receiver.runDaily({ ...env, ...task.vars }, task.due);
      } finally {
        if (folder !== null) {
          cleanUp(database.connection, folder, new Date());
        }
      }
      return undefined;
    case "answer": {
      const headers = { get: (name: string) => task.headers[name.toLowerCase()] ?? null };
      // No operator's route reads a body.
      const request = { ...task.request, headers, body: null, arrayBuffer: readNothing };
      const { response, route } = await receiver.answer(request, env, task.sender);
      const init = { status: response.status, headers: [...response.headers] };
      return { route, body: await response.arrayBuffer(), init };
    }
    case "close":
      database.connection.close();
      return undefined;
  }
}

const readNothing = async (): Promise<ArrayBuffer> => new ArrayBuffer(0);

async function runThread(port: NonNullable<typeof parentPort>): Promise<void> {
  redirectConsole();
  const runtime = await openRuntime(workerData as Settings, true);
  const { connection } = runtime.database;
  keepLogEmpty(connection, (line) => log("error", line));
  let last = Promise.resolve();
  port.on("message", (task: Task) => {
    if (task.name === "close") {
      // A daily run that this stops is made up for at the next start.
      connection.close();
      process.exit();
    }
    last = last
      .then(() => perform(runtime, task))
      .then(
        (outcome) => port.postMessage({ outcome } satisfies Reply),
        (error: unknown) => port.postMessage({ error } satisfies Reply),
      );
  });
}

if (!isMainThread && parentPort !== null) {
  await runThread(parentPort);
}
