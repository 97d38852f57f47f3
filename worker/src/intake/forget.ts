/** Handles a POST of an installation's ID: deletes its reports of every kind. */

import { describeFault, invalidRequest, noContent, unsupportedMediaType } from "../http/answers.ts";
import { answerOr503 } from "../http/database-failure.ts";
import { readJson, REPORT_LIMITS } from "../http/json-body.ts";
import { describeProblems } from "../kinds/contract.ts";
import type { Project } from "../kinds/project.ts";
import { deleteInstallation } from "../store/reports.ts";

/** The answer is the same whether or not the ID is known. */
export async function forgetInstallation(
  { counted: { contract }, kinds }: Project,
  request: Request,
  db: D1Database,
): Promise<Response> {
  const body = await readJson(request, REPORT_LIMITS);
  if (!body.ok) {
    return body.fault === "media type"
      ? unsupportedMediaType()
      : invalidRequest(describeFault(body.fault, REPORT_LIMITS.maxBytes));
  }
  const verdict = contract.check(body.value);
  const problems = verdict.ok ? [] : verdict.problems;
  const problem = problems.find(({ path }) => path.length === 0 || path.join(".") === contract.key);
  if (problem !== undefined) {
    return invalidRequest(describeProblems([problem]));
  }
  const id = (body.value as Readonly<Record<string, unknown>>)[contract.key];
  return answerOr503("forget", async () => {
    await deleteInstallation(db, kinds, contract.cleanKey(id));
    return noContent();
  });
}
