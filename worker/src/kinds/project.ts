/** Defines a project: the software whose installations report to a receiver. */

import type { ReportKind } from "./kind.ts";

/** Answers that do not depend on a report kind. */
export interface ProjectAnswers {
  readonly notFound: () => Response;
  /** @param methods - without OPTIONS, which every path supports */
  readonly methodNotAllowed: (methods: readonly string[]) => Response;
  readonly rateLimited: () => Response;
  /** The database does not answer. */
  readonly unavailable: () => Response;
}

/** The paths of the pages and the statistics. */
export interface ProjectPaths {
  readonly page: string;
  readonly json: string;
  readonly csv: string;
  readonly badge: string;
  /** The page that explains each field. */
  readonly fields: string;
  /** Contains `{month}`. */
  readonly months: string;
  /** The numbers of every week. */
  readonly weeks: string;
  readonly weeksCsv: string;
}

/** Sentences on the page that depend on how a project's installations report. */
export interface ProjectTexts {
  /** Follows the number of installations. */
  readonly sent: string;
  /** Explains what is counted. */
  readonly counted: string;
}

export interface Project {
  readonly name: string;
  /** The project's own page on reporting and privacy. */
  readonly privacyPage: string;
  readonly kinds: readonly ReportKind[];
  /** The one of *kinds* that is counted and published. */
  readonly counted: ReportKind;
  /** The published field that the page draws month by month, and a word for its values. */
  readonly overTime: { readonly field: string; readonly plural: string };
  readonly texts: ProjectTexts;
  readonly paths: ProjectPaths;
  readonly answers: ProjectAnswers;
}
