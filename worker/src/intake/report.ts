/** Handles a POST of a report: reads, authorizes, checks, stores and answers it. */

import { answerFailure } from "../http/database-failure.ts";
import { readJson, readMediaType } from "../http/json-body.ts";
import type { Env } from "../kinds/env.ts";
import type { ReportKind } from "../kinds/kind.ts";
import type { Project } from "../kinds/project.ts";
import type { BodyFault } from "../kinds/report-answers.ts";
import { storeReport } from "../store/reports.ts";

/** Bodies that no part of can be read, which get the same answer with and without a key. */
const BROKEN: readonly BodyFault[] = ["incomplete", "malformed"];

export async function receiveReport(
  project: Project,
  kind: ReportKind,
  request: Request,
  env: Env,
): Promise<Response> {
  const { answers, authorize, contract, transform } = kind;
  const body = await readJson(request, kind);
  const isBroken = !body.ok && BROKEN.includes(body.fault);
  const refusal = isBroken ? null : authorize?.(request, env);
  if (refusal) {
    return refusal;
  }
  if (!body.ok) {
    const mediaType = readMediaType(request);
    return answers.unreadable(body.fault, { maxBytes: kind.maxBytes, mediaType });
  }
  const verdict = contract.check(body.value);
  if (!verdict.ok) {
    return answers.invalid(verdict.problems, body.value);
  }
  const row = transform?.(verdict.row) ?? verdict.row;
  const now = new Date();
  return answerFailure(kind.name, project.answers.unavailable, async () => {
    const result = await storeReport(env.DB, kind, row, now);
    switch (result.outcome) {
      case "stored":
        return answers.accepted(now);
      case "already submitted":
        return answers.alreadySubmitted(result.lastSent, result.waitMs);
      case "limited":
        return answers.limited(result.waitMs);
    }
  });
}
