/** Handles the health check: can reports be stored? */

import { healthy } from "../http/answers.ts";
import { answerFailure } from "../http/database-failure.ts";
import type { Project } from "../kinds/project.ts";
import { checkTables } from "../store/reports.ts";

export function checkHealth({ kinds, answers }: Project, db: D1Database): Promise<Response> {
  return answerFailure("health", answers.unavailable, async () => {
    await checkTables(db, kinds);
    return healthy();
  });
}
