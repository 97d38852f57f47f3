/** Defines Manyfold's one report kind: an instance's daily report. The newest one counts. */

import { defineReportKind, jsonAnswer, type Problem, type ReportAnswers } from "usage-receiver";
import schema from "./report.schema.json" with { type: "json" };

const MALFORMED =
  "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying " +
  "application/json as content-type, you must pass valid application/json in the request's 'body' ";
const NOTHING_IN_VERSION = ["version[app] is missing", "version[sha] is missing"];
const NOTHING = ["id is missing", "version is missing", ...NOTHING_IN_VERSION];
/** The media types that an answer names. Any other may be made up, so it is not repeated. */
const NAMED_MEDIA_TYPES = new Set([
  "application/octet-stream",
  "application/x-www-form-urlencoded",
  "application/xml",
  "multipart/form-data",
  "text/csv",
  "text/html",
  "text/plain",
  "text/xml",
]);

export const refuse = (
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Response => jsonAnswer(status, { error }, headers);

const unreadable: ReportAnswers["unreadable"] = (fault, { maxBytes, mediaType }) => {
  switch (fault) {
    case "media type": {
      const name = NAMED_MEDIA_TYPES.has(mediaType) ? ` '${mediaType}'` : "";
      return refuse(415, `The provided content-type${name} is not supported.`);
    }
    case "too large":
      return refuse(400, `The body is larger than ${maxBytes} bytes.`);
    case "empty":
      return refuse(400, NOTHING.join(", "));
    default:
      return refuse(400, MALFORMED);
  }
};

/** Describe a problem as the server's framework does, which looks inside a version of any type. */
function describe({ path: [name, ...rest], keyword }: Problem, report: unknown): readonly string[] {
  if (name === undefined) {
    return NOTHING;
  }
  if (name === "version" && rest.length === 0) {
    return keyword === "required"
      ? ["version is missing", ...NOTHING_IN_VERSION]
      : describeVersion((report as { readonly version: unknown }).version);
  }
  const brackets = rest.map((part) => `[${part}]`).join("");
  return [`${name}${brackets} is ${keyword === "required" ? "missing" : "invalid"}`];
}

function describeVersion(version: unknown): readonly string[] {
  if (version === null) {
    return NOTHING_IN_VERSION;
  }
  const inside = NOTHING_IN_VERSION.flatMap((text) => [text, text.replace("missing", "invalid")]);
  return ["version is invalid", ...(Array.isArray(version) ? [] : inside)];
}

export const report = defineReportKind({
  name: "report",
  routes: ["/", "/.json"],
  schemaPath: "/report.schema.json",
  schema,
  storage: { mode: "latest", table: "installations" },
  // Published are the last seven days; an instance leaves on the day after.
  retentionDays: 8,
  mediaTypes: ["application/json", ""],
  answers: {
    accepted: () => Response.json(null, { status: 201 }),
    unreadable,
    invalid: (problems, sent) =>
      refuse(400, problems.flatMap((problem) => describe(problem, sent)).join(", ")),
  },
});
