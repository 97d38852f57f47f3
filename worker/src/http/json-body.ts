/** Reads the JSON in a request, up to a size limit. */

import type { BodyFault } from "../kinds/report-answers.ts";

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: BodyFault };

export interface BodyLimits {
  readonly maxBytes: number;
  /** In lower case; `""` accepts a request without a Content-Type. */
  readonly mediaTypes: readonly string[];
}

/** How many values a body has at most, counted by arrays, objects and commas. */
export const MOST_VALUES = 4096;

/** Read the media type, the size and the JSON of *request*, in this order. */
export async function readJson(
  request: Request,
  { maxBytes, mediaTypes }: BodyLimits,
): Promise<Body> {
  if (!mediaTypes.includes(readMediaType(request))) {
    return { ok: false, fault: "media type" };
  }
  const bytes = await readBytes(request, maxBytes).catch(() => undefined);
  if (bytes === undefined) {
    return { ok: false, fault: "incomplete" };
  }
  if (bytes === null || isTooComplex(bytes)) {
    return { ok: false, fault: "too large" };
  }
  return parse(bytes);
}

/** The media type in lower case, without parameters; `""` if the request has none. */
export const readMediaType = (request: Request): string =>
  (request.headers.get("Content-Type") ?? "").split(";")[0]!.trim().toLowerCase();

/**
 * Read the body's bytes; null if there are too many.
 *
 * HTTP enforces a declared length, so a larger one is refused unread. A body without one
 * is counted while it is read, to its end: a runtime that is left with half a body answers 500.
 */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | null> {
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

function parse(bytes: Uint8Array): Body {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    return text.trim() === ""
      ? { ok: false, fault: "empty" }
      : { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, fault: "malformed" };
  }
}

/**
 * Whether *bytes* open more arrays and objects, and have more commas, than a report needs.
 *
 * That bounds the depth, the keys and the elements before they are parsed. In UTF-8 no other
 * character contains these bytes.
 */
export function isTooComplex(bytes: Uint8Array): boolean {
  if (bytes.length <= MOST_VALUES) {
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
  return marks > MOST_VALUES;
}

const toByte = (character: string): number => character.charCodeAt(0);
const QUOTE = toByte('"');
const BACKSLASH = toByte("\\");
const MARKS = [..."[{,"].map(toByte);
