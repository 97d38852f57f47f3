/** Builds the answers to a report that the spec names. */

import { describeProblems } from "../kinds/contract.ts";
import type { ReportAnswers } from "../kinds/report-answers.ts";
import { DAY_MS } from "../kinds/time.ts";
import {
  describeFault,
  jsonAnswer,
  noContent,
  rateLimited,
  unsupportedMediaType,
} from "./answers.ts";

/** The answers of the spec, which a project takes whole or replaces one by one. */
export const standardReportAnswers: ReportAnswers = {
  accepted: noContent,
  unreadable: (fault, limits) => {
    const detail = describeFault(fault, limits);
    switch (fault) {
      case "media type":
        return unsupportedMediaType();
      case "length required":
        return jsonAnswer(411, { error: "length_required", detail });
      default:
        return invalidReport(detail);
    }
  },
  invalid: (problems) => invalidReport(describeProblems(problems)),
  alreadySubmitted: (lastSent, waitMs) =>
    jsonAnswer(
      429,
      {
        error: "already_submitted",
        last_sent: lastSent,
        retry_after_days: Math.ceil(waitMs / DAY_MS),
      },
      { "Retry-After": String(Math.ceil(waitMs / 1000)) },
    ),
  limited: (waitMs) => rateLimited(waitMs),
};

const invalidReport = (detail: string): Response =>
  jsonAnswer(400, { error: "invalid_report", detail });
