/** Reads the text of a request's body, up to a size limit. */

import type { BodyFault, BodyLimits } from "../kinds/body.ts";
import type { IncomingRequest } from "../kinds/incoming-request.ts";

type Text =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly fault: BodyFault };

/** Check the declared length and the media type of *request*, then read its text. */
export async function readText(request: IncomingRequest, limits: BodyLimits): Promise<Text> {
  const { lengthRequired, lossyText, maxBytes, maxValues, mediaTypes } = limits;
  if (lengthRequired && !(Number(request.headers.get("Content-Length")) > 0)) {
    return { ok: false, fault: "length required" };
  }
  if (mediaTypes !== "any" && !mediaTypes.includes(readMediaType(request))) {
    return { ok: false, fault: "media type" };
  }
  const bytes = await readBytes(request, maxBytes).catch(() => undefined);
  if (bytes === undefined) {
    return { ok: false, fault: "incomplete" };
  }
  if (bytes === null || isTooComplex(bytes, maxValues)) {
    return { ok: false, fault: "too large" };
  }
  try {
    const decoder = new TextDecoder("utf-8", { fatal: !lossyText, ignoreBOM: false });
    return { ok: true, text: decoder.decode(bytes) };
  } catch {
    return { ok: false, fault: "malformed" };
  }
}

/** The media type in lower case, without parameters; `""` if the request has none. */
export const readMediaType = (request: IncomingRequest): string =>
  (request.headers.get("Content-Type") ?? "").split(";")[0]!.trim().toLowerCase();

/**
 * Read the body's bytes; null if there are too many.
 *
 * HTTP enforces a declared length, so a larger one is refused unread. A body without one
 * is counted while it is read, to its end: a runtime that is left with half a body answers 500.
 */
async function readBytes(request: IncomingRequest, maxBytes: number): Promise<Uint8Array | null> {
  const declared = request.headers.get("Content-Length");
  if (declared !== null) {
    return Number(declared) > maxBytes ? null : new Uint8Array(await request.arrayBuffer());
  }
  const kept = new Uint8Array(maxBytes);
  let length = 0;
  for await (const chunk of request.body ?? []) {
    const bytes = chunk as Uint8Array;
    if (length + bytes.length <= maxBytes) {
      kept.set(bytes, length);
    }
    length += bytes.length;
  }
  return length > maxBytes ? null : kept.subarray(0, length);
}

/**
 * Whether *bytes* open more arrays and objects, and have more commas, than a report needs.
 *
 * That bounds the depth, the keys and the elements before they are parsed. In UTF-8 no other
 * character contains these bytes.
 */
function isTooComplex(bytes: Uint8Array, maxValues: number): boolean {
  if (bytes.length <= maxValues) {
    return false;
  }
  let isString = false;
  let marks = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    if (byte === QUOTE) {
      isString = !isString;
    } else if (!isString) {
      marks += MARKS.includes(byte) ? 1 : 0;
    } else if (byte === BACKSLASH) {
      index += 1;
    }
  }
  return marks > maxValues;
}

const toByte = (character: string): number => character.charCodeAt(0);
const QUOTE = toByte('"');
const BACKSLASH = toByte("\\");
const MARKS = [..."[{,"].map(toByte);
