/** Builds Printernizer's answers. Errors have the `type`, `loc` and `msg` of pydantic's. */

import { jsonAnswer, type BodyFault, type Problem } from "usage-receiver";

interface ValidationError {
  readonly type: string;
  /** Names from the contract only, after the part of the request: `["body", "period", "start"]`. */
  readonly loc: readonly string[];
  readonly msg: string;
}

type Message = readonly [type: string, msg: string];

const MISSING: Message = ["missing", "Field required"];
const NOT_AN_OBJECT: Message = [
  "model_attributes_type",
  "Input should be a valid dictionary or object to extract fields from",
];
const TIMES = new Set(["submission_timestamp", "first_seen", "start", "end"]);
/** What is wrong with a time that does not fit, by the first pattern that matches. */
const TIME_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/^.{0,9}$/s, ", input is too short"],
  [/^.{4}(?!-)|^.{7}(?!-)/s, ", invalid date separator, expected `-`"],
  [/^.{5}(?!0[1-9]|1[0-2])/s, ", month value is outside expected range of 1-12"],
  [/^.{8}(?!0[1-9]|[12]\d|3[01])/s, ", day value is outside expected range"],
  [/^.{10}(?![Tt_ ])/s, ", invalid datetime separator, expected `T`, `t`, `_` or space"],
  [/^.{0,15}$/s, ", input is too short"],
  [/^.{11}(?![01]\d|2[0-3])/s, ", hour value is outside expected range of 0-23"],
];
const MAPS = new Set(["printer_type_counts", "feature_usage", "error_summary"]);

export const detail = (
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response => jsonAnswer(status, { detail: text }, headers);

const refuse = (...errors: readonly ValidationError[]): Response =>
  jsonAnswer(422, { detail: errors });

/** @param report - the parsed JSON; only its types and the form of its dates are looked at */
export const invalid = (problems: readonly Problem[], report: unknown): Response =>
  refuse(
    ...problems.map((problem) => {
      const [type, msg] = describe(problem, readPath(report, problem.path));
      return { type, loc: ["body", ...problem.path], msg };
    }),
  );

export function unreadable(
  fault: BodyFault,
  { maxBytes }: { readonly maxBytes: number },
): Response {
  const messages: Record<BodyFault, Message> = {
    empty: MISSING,
    malformed: ["json_invalid", "JSON decode error"],
    incomplete: ["json_invalid", "JSON decode error"],
    "too large": ["bytes_too_long", `Data should have at most ${maxBytes} bytes`],
    "media type": NOT_AN_OBJECT,
    "length required": MISSING,
  };
  const [type, msg] = messages[fault];
  return refuse({ type, loc: ["body"], msg });
}

function readPath(report: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (value as Readonly<Record<string, unknown>>)[name],
    report,
  );
}

function describe({ path, keyword, expected }: Problem, sent: unknown): Message {
  const name = path.at(-1) ?? "";
  switch (keyword) {
    case "required":
      return MISSING;
    case "type":
      // FastAPI reads `null` as no body.
      return path.length === 0 && sent === null
        ? MISSING
        : describeType(name, String(expected), sent);
    case "pattern":
      return TIMES.has(name)
        ? ["datetime_parsing", `Input should be a valid datetime${explainTime(String(sent))}`]
        : ["string_pattern_mismatch", `String should match pattern '${String(expected)}'`];
    case "minimum":
      return ["greater_than_equal", `Input should be greater than or equal to ${String(expected)}`];
    case "maximum":
      return ["less_than_equal", `Input should be less than or equal to ${String(expected)}`];
    default:
      return ["value_error", `Input does not match ${keyword}`];
  }
}

const explainTime = (sent: string): string =>
  TIME_FAULTS.find(([pattern]) => pattern.test(sent))?.[1] ?? "";

/** Types are strict: no text is read as a number, and no number as a date. */
function describeType(name: string, expected: string, sent: unknown): Message {
  const isText = typeof sent === "string";
  const isNumber = typeof sent === "number";
  switch (expected) {
    case "integer":
      return isNumber
        ? ["int_from_float", "Input should be a valid integer, got a number with a fractional part"]
        : isText
          ? ["int_parsing", "Input should be a valid integer, unable to parse string as an integer"]
          : ["int_type", "Input should be a valid integer"];
    case "boolean":
      return isText || Number.isInteger(sent)
        ? ["bool_parsing", "Input should be a valid boolean, unable to interpret input"]
        : ["bool_type", "Input should be a valid boolean"];
    case "array":
      return ["list_type", "Input should be a valid list"];
    case "object":
      return MAPS.has(name) ? ["dict_type", "Input should be a valid dictionary"] : NOT_AN_OBJECT;
    default:
      return TIMES.has(name)
        ? ["datetime_type", "Input should be a valid datetime"]
        : ["string_type", "Input should be a valid string"];
  }
}
