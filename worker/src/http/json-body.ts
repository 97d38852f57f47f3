/** Reads the JSON object in a request, up to a size limit. */

import * as answers from "./answers.ts";

/** The spec's 4 KB, in bytes. */
const MOST_BYTES = 4096;

export type Body =
  | { readonly ok: true; readonly object: object }
  | { readonly ok: false; readonly answer: Response };

/**
 * Read the JSON object in *request*, or return the answer that refuses it.
 *
 * @param invalid - makes the 400 from a sentence that says what is wrong
 */
export async function readJsonObject(
  request: Request,
  invalid: (detail: string) => Response,
): Promise<Body> {
  const type = (request.headers.get("Content-Type") ?? "").split(";")[0] ?? "";
  if (type.trim().toLowerCase() !== "application/json") {
    return { ok: false, answer: answers.unsupportedMediaType() };
  }
  const bytes = await readBytes(request).catch(() => undefined);
  if (bytes === undefined) {
    return { ok: false, answer: invalid("The body is incomplete.") };
  }
  if (bytes === null) {
    return { ok: false, answer: invalid(`The body is larger than ${MOST_BYTES} bytes.`) };
  }
  const object = parseObject(bytes);
  return object === null
    ? { ok: false, answer: invalid("The body is not a JSON object.") }
    : { ok: true, object };
}

/**
 * Read the body's bytes; null if there are too many.
 *
 * HTTP enforces a declared length, so a larger one is refused unread. A body without one
 * is counted while it is read, to its end: a runtime that is left with half a body answers 500.
 */
async function readBytes(request: Request): Promise<Uint8Array | null> {
  const declared = request.headers.get("Content-Length");
  if (declared !== null) {
    return Number(declared) > MOST_BYTES ? null : new Uint8Array(await request.arrayBuffer());
  }
  const kept = new Uint8Array(MOST_BYTES);
  let length = 0;
  for await (const chunk of request.body ?? []) {
    const bytes = chunk as Uint8Array;
    if (length + bytes.length <= MOST_BYTES) {
      kept.set(bytes, length);
    }
    length += bytes.length;
  }
  return length > MOST_BYTES ? null : kept.subarray(0, length);
}

/** Parse *bytes* as a JSON object; null if they are anything else. */
function parseObject(bytes: Uint8Array): object | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
