/** Defines the answers of a report kind. */

import type { Problem } from "./contract.ts";

/** Why the body of a request is not JSON that can be checked. */
export type BodyFault = "media type" | "too large" | "incomplete" | "empty" | "malformed";

export interface FaultDetails {
  readonly maxBytes: number;
  /** What the request says, in lower case and without parameters: no answer may repeat it. */
  readonly mediaType: string;
}

export interface ReportAnswers {
  readonly accepted: (now: Date) => Response;
  readonly unreadable: (fault: BodyFault, details: FaultDetails) => Response;
  /** @param report - the parsed JSON, which no answer may repeat */
  readonly invalid: (problems: readonly Problem[], report: unknown) => Response;
  /**
   * With the storage mode *once*.
   *
   * @param lastSent - when the last report was received, ISO 8601
   * @param waitMs - milliseconds until the next one is accepted
   */
  readonly alreadySubmitted: (lastSent: string, waitMs: number) => Response;
  /** With the storage mode *latest* and a limit per hour. */
  readonly limited: (waitMs: number) => Response;
}
