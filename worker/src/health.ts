/** `GET /health`: whether reports can be stored. */

import * as answers from "./answers";
import { orUnavailable } from "./faults";
import { KINDS } from "./kinds";
import { look } from "./store/reports";

export function health(db: D1Database): Promise<Response> {
  return orUnavailable("health", async () => {
    await look(db, KINDS);
    return answers.healthy();
  });
}
