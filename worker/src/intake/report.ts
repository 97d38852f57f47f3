/** Handles a POST of a report: reads, checks, stores and answers it. */

import { describeFault, unsupportedMediaType } from "../http/answers.ts";
import { answerOr503 } from "../http/database-failure.ts";
import { readJson, REPORT_LIMITS } from "../http/json-body.ts";
import { describeProblems } from "../kinds/contract.ts";
import type { ReportKind } from "../kinds/kind.ts";
import { storeReport, windowOf } from "../store/reports.ts";

export async function receiveReport(
  kind: ReportKind,
  request: Request,
  db: D1Database,
): Promise<Response> {
  const { answers, contract, once } = kind;
  const body = await readJson(request, REPORT_LIMITS);
  if (!body.ok) {
    return body.fault === "media type"
      ? unsupportedMediaType()
      : answers.invalid(describeFault(body.fault, REPORT_LIMITS.maxBytes));
  }
  const verdict = contract.check(body.value);
  if (!verdict.ok) {
    return answers.invalid(describeProblems(verdict.problems));
  }
  const now = new Date();
  return answerOr503(once.table, async () => {
    const result = await storeReport(db, kind, verdict.row, now);
    return result.stored
      ? answers.accepted()
      : answers.alreadySubmitted(result.lastSent, timeLeft(kind, result.lastSent, now));
  });
}

/** Return the milliseconds until the next report: at most the window, even if a clock went back. */
function timeLeft(kind: ReportKind, lastSent: string, now: Date): number {
  const window = windowOf(kind);
  return Math.min(Date.parse(lastSent) + window - now.getTime(), window);
}
