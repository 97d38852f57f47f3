/** Handles a POST of an installation's ID: deletes its reports of every kind. */

import { invalidRequest, noContent } from "../http/answers.ts";
import { answerOr503 } from "../http/database-failure.ts";
import { readJsonObject } from "../http/json-body.ts";
import type { Project } from "../kinds/project.ts";
import { deleteInstallation } from "../store/reports.ts";

/** The answer is the same whether or not the ID is known. */
export async function forgetInstallation(
  { counted: { keyContract }, kinds }: Project,
  request: Request,
  db: D1Database,
): Promise<Response> {
  const body = await readJsonObject(request, invalidRequest);
  if (!body.ok) {
    return body.answer;
  }
  const verdict = keyContract.check(body.object);
  if (!verdict.ok) {
    return invalidRequest(verdict.problem);
  }
  return answerOr503("forget", async () => {
    await deleteInstallation(db, kinds, verdict.row.get(keyContract.key) ?? null);
    return noContent();
  });
}
