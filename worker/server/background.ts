/** Does long work in a thread with a connection of its own, so that reports do not wait for it. */

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { Sender } from "../src/kinds/sender.ts";
import { findPlaces, log, redirectConsole } from "./log.ts";
import { openRuntime, type Runtime, type Settings } from "./runtime.ts";
import { cleanUp } from "./upkeep.ts";

/** Work, as a message to the thread. */
export type Task =
  | { readonly name: "run daily"; readonly due: Date; readonly vars?: object }
  | {
      readonly name: "answer";
      readonly request: {
        readonly method: string;
        readonly url: string;
        readonly headers: Readonly<Record<string, string>>;
      };
      readonly sender: Sender;
    }
  | { readonly name: "close" };

/** An answer, as a message from the thread; of other work, nothing. */
export interface Outcome {
  readonly route: string | null;
  readonly body: ArrayBuffer;
  readonly init: { readonly status: number; readonly headers: [string, string][] };
}

interface Reply {
  readonly outcome: Outcome | undefined;
  readonly error: unknown;
}

export type Perform = (task: Task) => Promise<Outcome | undefined>;

/** The thread has ended, or has too much to do. */
export class UnavailableError extends Error {
  override readonly message = "The thread for long work does not answer.";
}

const CHECKPOINT_MS = 1000;
const RESTART_MS = 1000;
/** What waits beyond that is refused. */
const MOST_CALLS = 1000;

/** Start the thread. A database in memory has one connection, so *runtime* does its work. */
export function startBackground(settings: Settings, runtime: Runtime): Perform {
  if (runtime.folder === null) {
    return (task) => perform(runtime, task);
  }
  const calls: PromiseWithResolvers<Outcome | undefined>[] = [];
  let thread: Worker | null = null;
  let isClosing = false;
  const start = (): void => {
    thread = new Worker(import.meta.filename, { workerData: settings })
      .on("message", ({ outcome, error }: Reply) => {
        const call = calls.shift();
        if (error === undefined) {
          call?.resolve(outcome);
        } else {
          call?.reject(error);
        }
      })
      .on("error", (error) => log("error", `the thread for long work failed ${findPlaces(error)}`))
      .on("exit", () => {
        thread = null;
        calls.splice(0).forEach(({ reject }) => reject(new UnavailableError()));
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
      return Promise.reject(new UnavailableError());
    }
    const call = Promise.withResolvers<Outcome | undefined>();
    calls.push(call);
    thread.postMessage(task);
    return call.promise;
  };
}

async function perform(runtime: Runtime, task: Task): Promise<Outcome | undefined> {
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
      const { headers, ...target } = task.request;
      const get = (name: string) => headers[name.toLowerCase()] ?? null;
      // No operator's route reads a body.
      const request = { ...target, headers: { get }, body: null, arrayBuffer: rejectBody };
      const { response, route } = await receiver.answer(request, env, task.sender);
      const init = { status: response.status, headers: [...response.headers] };
      return { route, body: await response.arrayBuffer(), init };
    }
    case "close":
      database.connection.close();
      return undefined;
  }
}

const rejectBody = () => Promise.reject(new Error("This request has no body."));

/** Do one task after the other, so that a daily run ends before the database is closed. */
async function runThread(port: NonNullable<typeof parentPort>): Promise<void> {
  redirectConsole();
  const runtime = await openRuntime(workerData as Settings, true);
  // What was deleted leaves the disk once it has left SQLite's write-ahead log.
  let hasFailed = false;
  const timer = setInterval(() => {
    try {
      runtime.database.connection.exec(
        "PRAGMA wal_checkpoint(PASSIVE); PRAGMA wal_checkpoint(TRUNCATE)",
      );
      hasFailed = false;
    } catch (error) {
      // On a full disk, for example. One line is enough.
      if (!hasFailed) {
        log("error", `the write-ahead log cannot be emptied: ${String(error)}`);
      }
      hasFailed = true;
    }
  }, CHECKPOINT_MS);
  let last = Promise.resolve();
  port.on("message", (task: Task) => {
    last = last
      .then(() => perform(runtime, task))
      .then(
        (outcome) => port.postMessage({ outcome, error: undefined } satisfies Reply),
        (error: unknown) => port.postMessage({ outcome: undefined, error } satisfies Reply),
      );
    if (task.name === "close") {
      clearInterval(timer);
      void last.then(() => port.close());
    }
  });
}

if (!isMainThread && parentPort !== null) {
  await runThread(parentPort);
}
