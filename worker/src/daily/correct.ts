/** Corrects what is dated in the future, and logs it. */

import type { Database } from "../kinds/database.ts";
import type { Project } from "../kinds/project.ts";
import { correctFutureDates } from "../store/future-dates.ts";

/**
 * @param log - gets a line if anything is dated in the future
 * @throws Error - if the database fails; the next run corrects the dates
 */
export async function correctDates(
  project: Project,
  db: Database,
  due: Date,
  log: (line: string) => void,
): Promise<void> {
  const changes = await correctFutureDates(db, project, due, new Date());
  if (changes === null) {
    log(`${project.counted.name}: kept dates in the future: is the clock of this run behind?`);
  } else if (changes > 0) {
    log(`${project.counted.name}: corrected ${changes} rows, dated in the future`);
  }
}
