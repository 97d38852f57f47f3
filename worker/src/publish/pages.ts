/** Defines the pages of a receiver. The engine does not import them: a style sheet needs a bundler. */

import type { Project } from "../kinds/project.ts";
import type { Edition, MonthlySummary } from "./edition.ts";

export interface Pages {
  /** CSS, which each page contains. */
  readonly style: string;
  /**
   * @param months - the last months, the oldest first
   * @param windows - the names of the windows, such as `7d`
   */
  readonly renderStatistics: (
    project: Project,
    edition: Edition,
    months: readonly MonthlySummary[],
    windows: readonly string[],
  ) => string;
  /** @param configured - RETENTION_DAYS of the operator, which replaces that of each kind */
  readonly renderFields: (project: Project, configured: number | string | undefined) => string;
}
