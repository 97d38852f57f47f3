/** Builds the answers that endpoints share. None repeats any part of the request. */

import type { BodyFault, BodyLimits } from "../kinds/body.ts";

const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Type": "application/json",
  "X-Content-Type-Options": "nosniff",
};
/** Lets pages of every origin read an answer. */
export const ANY_ORIGIN = { "Access-Control-Allow-Origin": "*" };

const RETRY_UNAVAILABLE_S = 60;
/** The period of the rate limits in wrangler.jsonc. */
const RETRY_RATE_LIMITED_MS = 60_000;

export function jsonAnswer(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(body, { status, headers: { ...HEADERS, ...headers } });
}

export const noContent = (): Response => new Response(null, { status: 204 });

export const healthy = (): Response => jsonAnswer(200, { status: "ok" });

export const options = (methods: readonly string[]): Response =>
  new Response(null, { status: 204, headers: { Allow: listAllowed(methods) } });

const listAllowed = (methods: readonly string[]): string => [...methods, "OPTIONS"].join(", ");

/** @param detail - a sentence that says what is wrong */
export const invalidRequest = (
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response => jsonAnswer(400, { error: "invalid_request", detail }, headers);

/** Write a sentence about a body that cannot be read. */
export function describeFault(
  fault: BodyFault,
  { maxBytes, maxValues }: Pick<BodyLimits, "maxBytes" | "maxValues">,
): string {
  switch (fault) {
    case "length required":
      return "The request needs a Content-Length other than 0.";
    case "too large": {
      // A smaller body cannot have as many values.
      const orMore = maxBytes > maxValues ? `, or has more than ${maxValues} values` : "";
      return `The body is larger than ${maxBytes} bytes${orMore}.`;
    }
    case "incomplete":
      return "The body is incomplete.";
    default:
      return "The body is not a JSON object.";
  }
}

export const notFound = (): Response =>
  jsonAnswer(404, { error: "not_found", detail: "This path does not exist." });

export const unauthorized = (): Response =>
  jsonAnswer(
    401,
    { error: "unauthorized", detail: "Send the operator's secret as Authorization: Bearer." },
    { "WWW-Authenticate": "Bearer" },
  );

/** @param path - of the JSON with the list of periods */
export const unknownPeriod = (path: string): Response =>
  jsonAnswer(
    404,
    {
      error: "not_found",
      detail: `There are no statistics for this period. ${path} lists the periods.`,
    },
    ANY_ORIGIN,
  );

/** @param methods - without OPTIONS, which every path supports */
export const methodNotAllowed = (methods: readonly string[]): Response => {
  const allow = listAllowed(methods);
  return jsonAnswer(
    405,
    { error: "method_not_allowed", detail: `This path supports ${allow}.` },
    { Allow: allow },
  );
};

export const unsupportedMediaType = (): Response =>
  jsonAnswer(415, {
    error: "unsupported_media_type",
    detail: "Send Content-Type: application/json.",
  });

export const rateLimited = (waitMs = RETRY_RATE_LIMITED_MS): Response =>
  jsonAnswer(
    429,
    { error: "rate_limited", detail: "Too many requests. Try again later." },
    { "Retry-After": String(Math.ceil(waitMs / 1000)) },
  );

export const unavailable = (): Response =>
  jsonAnswer(
    503,
    { error: "unavailable", detail: "The database does not answer. Try again later." },
    { "Retry-After": String(RETRY_UNAVAILABLE_S) },
  );

/** @param missing - the tables and columns that the database lacks */
export const outdatedSchema = (missing: readonly string[]): Response =>
  jsonAnswer(
    503,
    {
      error: "outdated_schema",
      detail: `The database lacks ${missing.join(", ")}. Apply the project's migrations.`,
    },
    { "Retry-After": String(RETRY_UNAVAILABLE_S) },
  );

/** The answers that a project may replace. */
export const standardProjectAnswers = {
  notFound,
  methodNotAllowed,
  rateLimited: () => rateLimited(),
  unavailable,
};
