/** Reads the fields of a form: from the query of a GET, or from the body of a POST. */

import type { BodyFault, BodyLimits } from "../kinds/body.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";
import { readText } from "./body-bytes.ts";

/** A form may come without Content-Type. */
const MEDIA_TYPES = ["application/x-www-form-urlencoded", ""];

type Form =
  | { readonly ok: true; readonly value: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly fault: BodyFault };

/** Read the fields as texts. If a name occurs twice, its last value wins. */
export async function readForm(
  request: IncomingRequest,
  _parameters: Readonly<Record<string, string>>,
  limits: BodyLimits,
): Promise<Form> {
  if (request.method === "GET") {
    const { search, searchParams } = new URL(request.url);
    return search.length > limits.maxBytes
      ? { ok: false, fault: "too large" }
      : { ok: true, value: toFields(searchParams) };
  }
  const body = await readText(request, { ...limits, mediaTypes: MEDIA_TYPES });
  return body.ok ? { ok: true, value: toFields(new URLSearchParams(body.text)) } : body;
}

/** A field may be called `__proto__`, so the object has no prototype. */
const toFields = (form: URLSearchParams): Record<string, string> =>
  Object.assign(Object.create(null) as object, Object.fromEntries(form));
