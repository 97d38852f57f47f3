/** `POST` of an installation's ID: nothing of it is kept, in any kind of report. */

import * as answers from "./answers";
import { readObject } from "./body";
import { orUnavailable } from "./faults";
import { INSTALLATION, KINDS } from "./kinds";
import { erase } from "./store/reports";

export async function forget(request: Request, db: D1Database): Promise<Response> {
  const body = await readObject(request, answers.invalidRequest);
  if (!body.ok) {
    return body.answer;
  }
  const verdict = INSTALLATION.check(body.object);
  if (!verdict.ok) {
    return answers.invalidRequest(verdict.problem);
  }
  return orUnavailable("forget", async () => {
    await erase(db, KINDS, verdict.row.get(INSTALLATION.key) ?? null);
    return answers.done();
  });
}
