/** `POST` of a report of any kind: read, check, store, answer. */

import * as answers from "./answers";
import { MOST_BYTES, parseObject, readBody } from "./body";
import type { Kind } from "./kinds";
import { store, WINDOW_MS } from "./store";

export async function takeReport(
  kind: Kind,
  request: Request,
  db: D1Database,
): Promise<Response> {
  const type = (request.headers.get("Content-Type") ?? "").split(";")[0] ?? "";
  if (type.trim().toLowerCase() !== "application/json") {
    return answers.unsupportedType();
  }
  const bytes = await readBody(request).catch(() => undefined);
  if (bytes === undefined) {
    return answers.invalid("The body ended too early.");
  }
  if (bytes === null) {
    return answers.invalid(`The body is larger than ${MOST_BYTES} bytes.`);
  }
  const report = parseObject(bytes);
  if (report === null) {
    return answers.invalid("The body is not a JSON object.");
  }
  const verdict = kind.contract.check(report);
  if (!verdict.ok) {
    return answers.invalid(`${verdict.problems.join("; ")}.`);
  }
  const now = new Date();
  try {
    const stored = await store(db, kind, verdict.row, now);
    return stored.ok
      ? answers.accepted()
      : answers.alreadySubmitted(stored.lastSent, wait(stored.lastSent, now));
  } catch {
    return answers.unavailable();
  }
}

/** Milliseconds until the next report; never above the window, though the clock be set back. */
function wait(lastSent: string, now: Date): number {
  return Math.min(Date.parse(lastSent) + WINDOW_MS - now.getTime(), WINDOW_MS);
}
