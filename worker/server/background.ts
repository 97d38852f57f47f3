/** Does long work in a thread with a connection of its own, so that reports do not wait for it. */

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { IncomingRequest } from "../src/kinds/incoming-request.ts";
import type { Sender } from "../src/kinds/sender.ts";
import type { RoutedAnswer } from "../src/service/router.ts";
import { MEMORY, type Runtime, type Settings } from "./runtime.ts";
import { cleanUp } from "./upkeep.ts";

/** Work, as a message to the thread. */
type Task =
  | { readonly do: "run daily"; readonly due: Date; readonly vars: object }
  | {
      readonly do: "answer";
      readonly request: Pick<IncomingRequest, "method" | "url">;
      readonly authorization: string;
      readonly sender: Sender;
    }
  | { readonly do: "close" };

/** An answer, as a message from the thread. */
type Outcome = null | {
  readonly route: string | null;
  readonly body: ArrayBuffer;
  readonly init: { readonly status: number; readonly headers: [string, string][] };
};

export type TaskMessage = Task & { readonly id: number };
export interface OutcomeMessage {
  readonly id: number;
  readonly outcome?: Outcome;
  readonly error?: unknown;
}

/** Do the work of *task*. */
export async function perform(
  { receiver, env, database, folder }: Runtime,
  task: Task,
): Promise<Outcome> {
  switch (task.do) {
    case "run daily":
      try {
        await receiver.runDaily({ ...env, ...task.vars }, task.due);
      } finally {
        if (folder !== null) {
          cleanUp(database.connection, folder, new Date());
        }
      }
      return null;
    case "answer": {
      const { method, url } = task.request;
      // No operator's route reads a body.
      const request = new Request(url, { method, headers: { Authorization: task.authorization } });
      const { response, route } = await receiver.answer(request, env, task.sender);
      const init = { status: response.status, headers: [...response.headers] };
      return { route, body: await response.arrayBuffer(), init };
    }
    case "close":
      database.close();
      return null;
  }
}

export interface Background {
  runDaily(due: Date, vars?: object): Promise<void>;
  /** Answer a request to one of the operator's routes. */
  answer(request: IncomingRequest, sender: Sender): Promise<RoutedAnswer>;
  close(): Promise<void>;
}

/** Start the thread. A database in memory has one connection, so its work is done with *runtime*. */
export function startBackground(path: string, settings: Settings, runtime: Runtime): Background {
  const send =
    path === MEMORY ? (task: Task) => perform(runtime, task) : startThread(path, settings);
  return {
    async runDaily(due, vars = {}) {
      await send({ do: "run daily", due, vars });
    },
    async answer({ method, url, headers }, sender) {
      const authorization = headers.get("Authorization") ?? "";
      const outcome = await send({ do: "answer", request: { method, url }, authorization, sender });
      const { body, init, route = null } = outcome ?? {};
      return { response: new Response(body?.byteLength ? body : null, init), route };
    },
    async close() {
      await send({ do: "close" });
    },
  };
}

function startThread(path: string, settings: Settings): (task: Task) => Promise<Outcome> {
  const file = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url);
  const thread = new Worker(file, { workerData: { path, settings } });
  const calls = new Map<number, PromiseWithResolvers<Outcome>>();
  let count = 0;
  thread.on("message", ({ id, outcome = null, error }: OutcomeMessage) => {
    const call = calls.get(id);
    calls.delete(id);
    if (error === undefined) {
      call?.resolve(outcome);
    } else {
      call?.reject(error);
    }
  });
  return async (task) => {
    const call = Promise.withResolvers<Outcome>();
    count += 1;
    calls.set(count, call);
    thread.postMessage({ ...task, id: count } satisfies TaskMessage);
    return call.promise;
  };
}
