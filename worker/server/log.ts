/** Writes the log to standard error: a line of JSON for each event, without addresses and IDs. */

import { write, writeSync } from "node:fs";

type Level = "info" | "warning" | "error";

const STDERR = 2;
const DELAY_MS = 100;
/** With more that a slow reader leaves waiting, lines of requests are dropped. */
const MOST_CHARACTERS = 1_000_000;

let waiting = "";
let isWriting = false;

const toLine = (level: Level, fields: object): string =>
  `${JSON.stringify({ time: new Date().toISOString(), level, ...fields })}\n`;

/** Write a message now. */
export function log(level: Level, message: string): void {
  const text = waiting + toLine(level, { message });
  waiting = "";
  try {
    writeSync(STDERR, text);
  } catch {
    // A log that cannot be written stops nothing.
  }
}

/** Name the places of an error, without its message, which may repeat what was sent. */
export const findPlaces = (error: unknown): string =>
  String(error instanceof Error && error.stack)
    .split("\n    ")
    .slice(1, 4)
    .join(", ");

/** Write the line of a request soon, together with others. */
export function logRequest(fields: object): void {
  waiting += waiting.length < MOST_CHARACTERS ? toLine("info", fields) : "";
}

setInterval(() => {
  if (waiting !== "" && !isWriting) {
    isWriting = true;
    write(STDERR, waiting, () => {
      isWriting = false;
    });
    waiting = "";
  }
}, DELAY_MS).unref();

/** Let what the engine prints become lines of the log. */
export function redirectConsole(): void {
  console.log = (...parts: unknown[]) => log("info", parts.join(" "));
  console.error = (...parts: unknown[]) => log("error", parts.join(" "));
}
