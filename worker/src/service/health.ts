/** Handles the health check: can reports be stored, and are all migrations applied? */

import { healthy, outdatedSchema } from "../http/answers.ts";
import { answerFailure } from "../http/database-failure.ts";
import type { Database } from "../kinds/database.ts";
import type { Project } from "../kinds/project.ts";
import type { Table } from "../kinds/tables.ts";
import { findMissing } from "../store/schema-check.ts";

/** @param tables - the tables that the project needs */
export function checkHealth(
  { answers }: Project,
  tables: readonly Table[],
  db: Database,
): Promise<Response> {
  return answerFailure("health", answers.unavailable, async () => {
    const missing = await findMissing(db, tables);
    if (missing.length === 0) {
      await db.tryWriting?.();
      return healthy();
    }
    console.error(`health: the database lacks ${missing.join(", ")}`);
    return outdatedSchema(missing);
  });
}
