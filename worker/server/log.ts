/** Writes the log to standard error: a line of JSON for each event, without addresses and IDs. */

import { write, writeSync } from "node:fs";

type Level = "info" | "warning" | "error";

const STDERR = 2;
const FLUSH_MS = 100;
/** Lines that a slow reader leaves waiting are dropped from here on. */
const MOST_WAITING = 1_000_000;

let waiting = "";
let isWriting = false;

const toLine = (level: Level, fields: object): string =>
  `${JSON.stringify({ time: new Date().toISOString(), level, ...fields })}\n`;

/** Write a message at once. */
export function log(level: Level, message: string): void {
  flushLog();
  writeAll(toLine(level, { message }));
}

/** Write a request's line soon, together with others. */
export function logRequest(fields: {
  readonly route: string | null;
  readonly method: string;
  readonly status: number;
  readonly ms: number;
}): void {
  if (waiting.length > MOST_WAITING) {
    return;
  }
  waiting += toLine("info", fields);
  scheduleWrite();
}

/** Write what waits, at once. */
export function flushLog(): void {
  writeAll(waiting);
  waiting = "";
}

const print =
  (level: Level) =>
  (...parts: unknown[]): void =>
    log(level, parts.map(String).join(" "));

/** Let what the engine prints become lines of the log. */
export function redirectConsole(): void {
  console.log = console.info = console.debug = print("info");
  console.error = console.warn = print("error");
}

function scheduleWrite(): void {
  if (!isWriting && waiting !== "") {
    isWriting = true;
    setTimeout(writeWaiting, FLUSH_MS).unref();
  }
}

function writeWaiting(): void {
  const text = waiting;
  waiting = "";
  write(STDERR, text, () => {
    isWriting = false;
    scheduleWrite();
  });
}

/** A log that cannot be written stops nothing. */
function writeAll(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // There is nowhere to say so.
  }
}
