/** Defines the answers of a report kind. */

import type { BodyFault, BodyLimits } from "./body.ts";
import type { Problem } from "./contract.ts";

export interface FaultDetails extends Pick<BodyLimits, "maxBytes" | "maxValues"> {
  /** What the request says, in lower case and without parameters: no answer may repeat it. */
  readonly mediaType: string;
}

export interface ReportAnswers {
  readonly accepted: (now: Date) => Response;
  readonly unreadable: (fault: BodyFault, details: FaultDetails) => Response;
  /** @param report - what was read from the request, which no answer may repeat */
  readonly invalid: (problems: readonly Problem[], report: unknown) => Response;
  /**
   * With the storage mode *once*.
   *
   * @param lastSent - when the last report was received, ISO 8601
   * @param waitMs - milliseconds until the next one is accepted
   */
  readonly alreadySubmitted: (lastSent: string, waitMs: number) => Response;
  /** With a limit per hour of the storage mode *latest*, or with `limitById`. */
  readonly limited: (waitMs: number) => Response;
}
