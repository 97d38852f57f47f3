/** Reads the JSON in a request. */

import type { Body, BodyLimits } from "../kinds/body.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";
import { readText } from "./body-bytes.ts";

/** Read the JSON of *request*, after the checks of `readText`. */
export async function readJson(
  request: IncomingRequest,
  _parameters: Readonly<Record<string, string>>,
  limits: BodyLimits,
): Promise<Body> {
  const body = await readText(request, limits);
  if (!body.ok) {
    return body;
  }
  if (body.text.trim() === "") {
    return { ok: false, fault: "empty" };
  }
  try {
    return { ok: true, value: JSON.parse(body.text) as unknown };
  } catch {
    return { ok: false, fault: "malformed" };
  }
}
