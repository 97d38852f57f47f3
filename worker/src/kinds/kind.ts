/** Defines a report kind: its contract, storage and answers. */

import type { Body, BodyLimits } from "./body.ts";
import type { Contract, Row } from "./contract.ts";
import type { Counters } from "./counters.ts";
import type { IncomingRequest } from "./incoming-request.ts";
import type { CounterRow } from "./sums.ts";
import type { Env } from "./env.ts";
import type { PublishedField } from "./published-fields.ts";
import type { ReportAnswers } from "./report-answers.ts";
import type { Sender } from "./sender.ts";

/** Stores a report if its installation sent none in the last *days*. */
export interface OnceStorage {
  readonly mode: "once";
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

/** Stores the newest facts of each installation, and the first and last day that it reported. */
export interface LatestStorage {
  readonly mode: "latest";
  /** The key, `first_day`, `last_day`, `excluded` and a column for every other field. */
  readonly table: string;
  /**
   * How many reports of an installation are accepted in an hour, which begins with the first one;
   * null for any number. With a limit, the table has `hour_start` and `sent_in_hour` too.
   */
  readonly perHour: number | null;
}

export type Storage = OnceStorage | LatestStorage;

export interface ReportKind extends BodyLimits {
  readonly name: string;
  /** How a report is sent: POST, GET or both. */
  readonly methods: readonly string[];
  /** The paths of reports, which may contain parameters: `/track/{uuid}`. */
  readonly routes: readonly string[];
  /** The path that the schema is served at. */
  readonly schemaPath: string;
  readonly schema: object;
  readonly contract: Contract;
  readonly storage: Storage;
  readonly retentionDays: number;
  readonly published: readonly PublishedField[];
  /**
   * The report, or the day with reports, from which on an installation is counted. With `second
   * report`, made-up installations cost a week or a day, and honest ones appear that much later.
   */
  readonly countedFrom: "first report" | "second report";
  readonly answers: ReportAnswers;
  /**
   * Reads a request. A project may build the report from the path's parameters and the fields.
   *
   * @param parameters - those of the path, as they were sent
   */
  readonly read: (
    request: IncomingRequest,
    parameters: Readonly<Record<string, string>>,
    kind: BodyLimits,
    sender: Sender,
  ) => Promise<Body>;
  /** Refuses a request, such as one without a key, before its report is checked. */
  readonly authorize: ((request: IncomingRequest, env: Env) => Response | null) | null;
  /** Whether the limiter `LIMIT_INSTALLATION` counts the reports of each installation. */
  readonly limitById: boolean;
  /**
   * Changes a valid report before it is stored, for example to round a time to its day.
   *
   * With the storage mode *latest*, an installation keeps the stored value of every column that the
   * row lacks. Null stores no facts, but what the report counts; the limit per hour does not apply,
   * since it is kept with the facts.
   *
   * @param report - what was read from the request, unchecked
   * @param counted - what the report counts; empty if none of its events fits
   */
  readonly transform:
    ((row: Row, report: unknown, counted: readonly CounterRow[]) => Row | null) | null;
  /** What the report counts without an ID. */
  readonly counters: Counters | null;
  /** Parts of its OpenAPI operation that replace the generated ones. */
  readonly operation: object;
}
