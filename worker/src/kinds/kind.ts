/** Defines a report kind: its contract, tables and answers, and how often a report is stored. */

import { createContract, type Contract } from "./contract.ts";
import { readPublishedFields, type PublishedField } from "./published-fields.ts";

/** Stores a report if its installation sent none in the last *days*. */
export interface OnceStorage {
  /** `x-once-in-days` of the schema. */
  readonly days: number;
  /** The table of all reports: `id`, `received` and a column for each field. */
  readonly table: string;
  /**
   * The table of each installation's latest report: the key, `received`, `first_received`,
   * `excluded` and the published fields.
   */
  readonly latestTable: string;
}

export interface ReportAnswers {
  readonly accepted: () => Response;
  /** @param detail - a sentence that says what is wrong, without any value of the report */
  readonly invalid: (detail: string) => Response;
  /**
   * @param lastSent - when the last report was received, ISO 8601
   * @param waitMs - milliseconds until the next one is accepted
   */
  readonly alreadySubmitted: (lastSent: string, waitMs: number) => Response;
}

export interface ReportKind {
  readonly name: string;
  /** The path that reports are POSTed to; the schema is served there, with `.schema.json` added. */
  readonly route: string;
  readonly schema: object;
  readonly contract: Contract;
  readonly once: OnceStorage;
  readonly published: readonly PublishedField[];
  /** The report from which on an installation is counted. */
  readonly countedFrom: "first report" | "second report";
  readonly answers: ReportAnswers;
}

/** Why a body cannot be read as JSON. */
export type BodyFault = "empty" | "malformed" | "incomplete" | "too large" | "media type";

interface Declaration {
  readonly name: string;
  readonly route: string;
  readonly schema: object & { readonly "x-once-in-days": number };
  readonly once: Omit<OnceStorage, "days">;
  /** Made-up installations cost a week with `second report`, and honest ones appear a week later. */
  readonly countedFrom?: ReportKind["countedFrom"];
  readonly answers: ReportAnswers;
}

/** @throws Error - if the schema uses a keyword that the receiver does not enforce */
export function defineReportKind({ once, ...declared }: Declaration): ReportKind {
  const { schema } = declared;
  const contract = createContract(schema);
  return {
    countedFrom: "first report",
    ...declared,
    contract,
    once: { days: schema["x-once-in-days"], ...once },
    published: readPublishedFields(contract.leaves),
  };
}
