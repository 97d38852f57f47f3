/** Handles a report: reads, authorizes, checks, stores and answers it. */

import { answerFailure } from "../http/database-failure.ts";
import { readMediaType } from "../http/body-bytes.ts";
import { isInstallationWithinLimit } from "../http/rate-limits.ts";
import type { BodyFault } from "../kinds/body.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";
import { sumEvents } from "../kinds/sums.ts";
import type { Env } from "../kinds/env.ts";
import type { ReportKind } from "../kinds/kind.ts";
import type { Project } from "../kinds/project.ts";
import type { Sender } from "../kinds/sender.ts";
import { storeReport } from "../store/reports.ts";

/** Bodies that no part of can be read, which get the same answer with and without a key. */
const BROKEN: readonly BodyFault[] = ["incomplete", "malformed"];

/** The period of `LIMIT_INSTALLATION` in wrangler.jsonc. */
const LIMIT_PERIOD_MS = 60_000;

export async function receiveReport(
  project: Project,
  kind: ReportKind,
  request: IncomingRequest,
  env: Env,
  parameters: Readonly<Record<string, string>>,
  sender: Sender,
): Promise<Response> {
  const { answers, authorize, contract, counters, transform } = kind;
  const body = await kind.read(request, parameters, kind, sender);
  const isBroken = !body.ok && BROKEN.includes(body.fault);
  const refusal = isBroken ? null : authorize?.(request, env);
  if (refusal) {
    return refusal;
  }
  if (!body.ok) {
    const mediaType = readMediaType(request);
    return answers.unreadable(body.fault, { ...kind, mediaType });
  }
  const verdict = contract.check(body.value);
  if (!verdict.ok) {
    return answers.invalid(verdict.problems, body.value);
  }
  const id = verdict.row.get(contract.key);
  if (kind.limitById && !(await isInstallationWithinLimit(`${kind.name} ${id}`, env))) {
    return answers.limited(LIMIT_PERIOD_MS);
  }
  const now = new Date();
  const sums = counters === null ? [] : sumEvents(counters, body.value, verdict.row, now);
  const row = transform === null ? verdict.row : transform(verdict.row, body.value, sums);
  return answerFailure(kind.name, project.answers.unavailable, async () => {
    const result = await storeReport(env.DB, kind, row, sums, now);
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
