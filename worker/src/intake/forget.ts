/** Handles a request to forget an installation: deletes its reports of every kind. */

import { describeFault, invalidRequest, noContent, unsupportedMediaType } from "../http/answers.ts";
import { answerFailure } from "../http/database-failure.ts";
import { readJson } from "../http/json-body.ts";
import type { Database } from "../kinds/database.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";
import type { Project } from "../kinds/project.ts";
import { deleteInstallation } from "../store/reports.ts";

/** What every project calls an installation's ID in the body. */
const ID = "id";

/** The answer is the same whether or not the ID is known. */
export async function forgetInstallation(
  { counted, kinds, answers }: Project,
  request: IncomingRequest,
  db: Database,
): Promise<Response> {
  const body = await readJson(request, {}, { ...counted, lengthRequired: false });
  if (!body.ok) {
    return body.fault === "media type"
      ? unsupportedMediaType()
      : invalidRequest(describeFault(body.fault, counted));
  }
  if (!isObject(body.value)) {
    return invalidRequest(describeFault("malformed", counted));
  }
  const sent = body.value;
  // The contract's name for it works too.
  const own = counted.contract.key.split(".").at(-1) ?? ID;
  const name = [ID, own].find((key) => Object.hasOwn(sent, key));
  if (name === undefined) {
    return invalidRequest(`${own} is missing.`);
  }
  return answerFailure("forget", answers.unavailable, async () =>
    (await deleteInstallation(db, kinds, sent[name])) === null
      ? invalidRequest(`${name} is not valid.`)
      : noContent(),
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
