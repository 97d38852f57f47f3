/** Describes a project: the software whose installations report to a receiver. */

import type { ReportKind } from "./kind.ts";

export interface Project {
  readonly name: string;
  /** The project's own page on reporting and privacy. */
  readonly privacyPage: string;
  readonly kinds: readonly ReportKind[];
  /** The one of *kinds* that is counted and published. */
  readonly counted: ReportKind;
  /** The published field that the page draws month by month, and a word for its values. */
  readonly overTime: { readonly field: string; readonly plural: string };
}
