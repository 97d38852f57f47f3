/** Reads the JSON object that a request carries, and no byte more than it may. */

import * as answers from "./answers";

/** The spec's 4 KB, in bytes. */
const MOST_BYTES = 4096;

export type Body =
  | { readonly ok: true; readonly object: object }
  | { readonly ok: false; readonly answer: Response };

/**
 * The JSON object that *request* carries, or the answer that refuses it.
 *
 * @param invalid - makes the 400 from what is wrong, a sentence
 */
export async function readObject(
  request: Request,
  invalid: (detail: string) => Response,
): Promise<Body> {
  const type = (request.headers.get("Content-Type") ?? "").split(";")[0] ?? "";
  if (type.trim().toLowerCase() !== "application/json") {
    return { ok: false, answer: answers.unsupportedType() };
  }
  const bytes = await readBody(request).catch(() => undefined);
  if (bytes === undefined) {
    return { ok: false, answer: invalid("The body ended too early.") };
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
 * The body's bytes, or null if there are too many.
 *
 * A declared length is kept to by HTTP itself: a larger one is refused unread, a
 * smaller one read in one go. An undeclared one is counted while it is read, and
 * drained without being kept: a runtime that is left with half a body answers for
 * itself, with a 500.
 */
async function readBody(request: Request): Promise<Uint8Array | null> {
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

/** The JSON object that *bytes* spell, or null if they spell anything else. */
function parseObject(bytes: Uint8Array): object | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
