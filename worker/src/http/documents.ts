/** Serves documents that caches may keep for an hour, with an ETag where they change. */

import type { IncomingRequest } from "../kinds/incoming-request.ts";
import { ANY_ORIGIN } from "./answers.ts";

const HEADERS = {
  "Cache-Control": "public, max-age=3600",
  "X-Content-Type-Options": "nosniff",
};

/** Serve a document that changes only with a deployment, so it needs no ETag. */
export const serveDocument = (text: string, type: string): Response =>
  new Response(text, { headers: { ...HEADERS, ...ANY_ORIGIN, "Content-Type": type } });

/** Like `serveDocument`, with an ETag: answers 304 to a matching If-None-Match. */
export const serveWithETag = (
  request: IncomingRequest,
  text: string,
  type: string,
): Promise<Response> => answerWithETag(request, text, { ...ANY_ORIGIN, "Content-Type": type });

/**
 * Serve a page without scripts that loads nothing else.
 *
 * @param style - the one style sheet that the page contains
 */
export async function servePage(
  request: IncomingRequest,
  html: string,
  style: string,
): Promise<Response> {
  const hash = btoa(String.fromCharCode(...(await digest(style))));
  return answerWithETag(request, html, {
    "Content-Security-Policy":
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; ` +
      "frame-ancestors 'none'",
    "Content-Type": "text/html; charset=utf-8",
    "Referrer-Policy": "no-referrer",
  });
}

async function answerWithETag(
  request: IncomingRequest,
  text: string,
  ownHeaders: Readonly<Record<string, string>>,
): Promise<Response> {
  const hex = [...(await digest(text))].map((byte) => byte.toString(16).padStart(2, "0"));
  const tag = `"${hex.slice(0, 16).join("")}"`;
  const headers = { ...HEADERS, ...ownHeaders, ETag: tag };
  const known = (request.headers.get("If-None-Match") ?? "")
    .split(",")
    .map((value) => value.trim().replace(/^W\//, ""));
  return known.includes(tag) || known.includes("*")
    ? new Response(null, { status: 304, headers })
    : new Response(text, { headers });
}

const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
