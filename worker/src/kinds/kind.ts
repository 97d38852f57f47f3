/** Defines a report kind: its contract, storage and answers. */

import type { Column, Contract } from "./contract.ts";
import type { Env } from "./env.ts";
import type { PublishedField } from "./published-fields.ts";
import type { ReportAnswers } from "./report-answers.ts";

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

/** A report's values by field name. */
export type Row = ReadonlyMap<string, Column>;

export interface ReportKind {
  readonly name: string;
  /** The paths that reports are POSTed to. */
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
  /** The largest body that is read. */
  readonly maxBytes: number;
  /** The media types that are read as JSON; the empty text is a request without Content-Type. */
  readonly mediaTypes: readonly string[];
  /** Refuses a request, such as one without a key, before its report is checked. */
  readonly authorize: ((request: Request, env: Env) => Response | null) | null;
  /** Changes a valid report before it is stored, for example to round a time to its day. */
  readonly transform: ((row: Row) => Row) | null;
  /** Parts of its OpenAPI operation that replace the generated ones. */
  readonly operation: object;
}
