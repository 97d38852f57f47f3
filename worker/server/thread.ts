/** The thread for long work: does what the main thread asks for, and empties SQLite's write-ahead log. */

import { parentPort, workerData } from "node:worker_threads";
import { perform, type OutcomeMessage, type TaskMessage } from "./background.ts";
import { redirectConsole } from "./log.ts";
import { openRuntime, type Settings } from "./runtime.ts";

const CHECKPOINT_MS = 1000;

const { path, settings } = workerData as { path: string; settings: Settings };
redirectConsole();
const runtime = await openRuntime(path, settings, true);
// What was deleted leaves the disk once it has left the write-ahead log.
const timer = setInterval(() => {
  runtime.database.connection.exec(
    "PRAGMA wal_checkpoint(PASSIVE); PRAGMA wal_checkpoint(TRUNCATE)",
  );
}, CHECKPOINT_MS);

parentPort?.on("message", async ({ id, ...task }: TaskMessage) => {
  const reply: OutcomeMessage = await perform(runtime, task).then(
    (outcome) => ({ id, outcome }),
    (error: unknown) => ({ id, error }),
  );
  parentPort?.postMessage(reply);
  if (task.do === "close") {
    clearInterval(timer);
    parentPort?.close();
  }
});
