/** Every answer that this Worker gives. None echoes what was sent. */

const HEADERS = {
  "Cache-Control": "no-store",
  "Content-Type": "application/json",
  "X-Content-Type-Options": "nosniff",
};

const DAY_MS = 86_400_000;
const RETRY_UNAVAILABLE_S = 60;
/** The limits' period in wrangler.jsonc. */
const RETRY_LIMITED_S = 60;

/** A report is stored; or an ID is forgotten, whether or not it was known. */
export const done = (): Response => new Response(null, { status: 204 });

export const invalidReport = (detail: string): Response =>
  answer(400, { error: "invalid_report", detail });

export const invalidRequest = (detail: string): Response =>
  answer(400, { error: "invalid_request", detail });

export const notFound = (): Response =>
  answer(404, { error: "not_found", detail: "There is nothing at this path." });

export const methodNotAllowed = (allow: string): Response =>
  answer(
    405,
    { error: "method_not_allowed", detail: `This path takes ${allow}.` },
    { Allow: allow },
  );

export const unsupportedType = (): Response =>
  answer(415, {
    error: "unsupported_media_type",
    detail: "Send Content-Type: application/json.",
  });

/**
 * The spec's 429.
 *
 * @param lastSent - when the last report was received, ISO 8601
 * @param waitMs - until the next one is accepted, in milliseconds
 */
export const alreadySubmitted = (lastSent: string, waitMs: number): Response =>
  answer(
    429,
    {
      error: "already_submitted",
      last_sent: lastSent,
      retry_after_days: Math.ceil(waitMs / DAY_MS),
    },
    { "Retry-After": String(Math.ceil(waitMs / 1000)) },
  );

export const rateLimited = (): Response =>
  answer(
    429,
    { error: "rate_limited", detail: "Too many requests. Try again later." },
    { "Retry-After": String(RETRY_LIMITED_S) },
  );

export const healthy = (): Response => answer(200, { status: "ok" });

export const options = (allow: string): Response =>
  new Response(null, { status: 204, headers: { Allow: allow } });

/** Any page may read it. */
const OPEN = { "Access-Control-Allow-Origin": "*" };

/** Any cache may keep it for an hour. */
const KEPT = { "Cache-Control": "public, max-age=3600" };

/** A document that any page may read and any cache may keep for an hour. */
export const open = (text: string, type: string): Response =>
  new Response(text, { headers: { ...HEADERS, ...OPEN, ...KEPT, "Content-Type": type } });

/** The same of one that changes: who has it as it is gets a 304. */
export const openIfNew = (request: Request, text: string, type: string): Promise<Response> =>
  ifNew(request, text, { ...OPEN, "Content-Type": type });

/** A page for people, in which nothing runs and which asks for nothing else. */
export const page = (request: Request, html: string, styleHash: string): Promise<Response> =>
  ifNew(request, html, {
    "Content-Security-Policy":
      `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; ` +
      "frame-ancestors 'none'",
    "Content-Type": "text/html; charset=utf-8",
    "Referrer-Policy": "no-referrer",
  });

export const noSuchPeriod = (): Response =>
  answer(
    404,
    {
      error: "not_found",
      detail: "There is nothing of this period: /stats tells which there are.",
    },
    OPEN,
  );

export const noSuchBadge = (detail: string): Response =>
  answer(400, { error: "invalid_request", detail }, OPEN);

export const unavailable = (): Response =>
  answer(
    503,
    { error: "unavailable", detail: "The database does not answer. Try again later." },
    { "Retry-After": String(RETRY_UNAVAILABLE_S) },
  );

function answer(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...HEADERS, ...headers } });
}

async function ifNew(
  request: Request,
  text: string,
  own: Record<string, string>,
): Promise<Response> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
  const tag = `"${hex.slice(0, 16).join("")}"`;
  const headers = { ...HEADERS, ...KEPT, ...own, ETag: tag };
  const known = (request.headers.get("If-None-Match") ?? "")
    .split(",")
    .map((one) => one.trim().replace(/^W\//, ""));
  return known.includes(tag) || known.includes("*")
    ? new Response(null, { status: 304, headers })
    : new Response(text, { headers });
}
