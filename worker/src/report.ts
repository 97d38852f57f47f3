/** `POST` of a report of any kind: read, check, store, answer. */

import * as answers from "./answers";
import { readObject } from "./body";
import { orUnavailable } from "./faults";
import type { Kind } from "./kinds";
import { store, WINDOW_MS } from "./store/reports";

export async function takeReport(kind: Kind, request: Request, db: D1Database): Promise<Response> {
  const body = await readObject(request, answers.invalidReport);
  if (!body.ok) {
    return body.answer;
  }
  const verdict = kind.contract.check(body.object);
  if (!verdict.ok) {
    return answers.invalidReport(verdict.problem);
  }
  const now = new Date();
  return orUnavailable(kind.table, async () => {
    const stored = await store(db, kind, verdict.row, now);
    return stored.ok
      ? answers.done()
      : answers.alreadySubmitted(stored.lastSent, wait(stored.lastSent, now));
  });
}

/** Milliseconds until the next report; never above the window, though the clock be set back. */
function wait(lastSent: string, now: Date): number {
  return Math.min(Date.parse(lastSent) + WINDOW_MS - now.getTime(), WINDOW_MS);
}
