/** Checks the key that clients send, if the operator has set one as the secret `API_KEY`. */

import { isSecret, type Env, type IncomingRequest } from "usage-receiver";
import { detail } from "./answers.ts";

/** The part of an OpenAPI operation about the key. */
export const keyOperation = {
  parameters: [{ name: "X-API-Key", in: "header", schema: { type: "string" } }],
  responses: {
    401: { description: "The key is wrong." },
    403: { description: "The receiver needs a key, and the request has none." },
  },
};

/** Return the answer that refuses *request*; null if it may pass. */
export function checkKey(request: IncomingRequest, { API_KEY: secret }: Env): Response | null {
  const sent = request.headers.get("X-API-Key");
  if (typeof secret !== "string" || secret === "") {
    return null;
  }
  if (sent === null || sent === "") {
    return detail(403, "Not authenticated");
  }
  return isSecret(sent, secret) ? null : detail(401, "Invalid API key");
}
