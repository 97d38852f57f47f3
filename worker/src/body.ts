/** Reads a request's body as far as it may go. */

/** The spec's 4 KB, in bytes. */
export const MOST_BYTES = 4096;

/**
 * The body's bytes, or null if there are too many.
 *
 * A larger declared length is refused unread. An undeclared or lying one is
 * drained without being kept: a runtime that is left with half a body answers
 * for itself, with a 500.
 */
export async function readBody(request: Request): Promise<Uint8Array | null> {
  if (Number(request.headers.get("Content-Length") ?? 0) > MOST_BYTES) {
    return null;
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
export function parseObject(bytes: Uint8Array): object | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
