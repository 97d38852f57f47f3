/** Handles the health check: can reports be stored? */

import { healthy } from "../http/answers.ts";
import { answerOr503 } from "../http/database-failure.ts";
import type { ReportKind } from "../kinds/kind.ts";
import { checkTables } from "../store/reports.ts";

export function checkHealth(kinds: readonly ReportKind[], db: D1Database): Promise<Response> {
  return answerOr503("health", async () => {
    await checkTables(db, kinds);
    return healthy();
  });
}
