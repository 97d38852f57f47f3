/** Defines what reading a request gives: the values that it sends, or why there are none. */

/** Why a request has no values that can be checked. */
export type BodyFault =
  "length required" | "media type" | "too large" | "incomplete" | "empty" | "malformed";

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: BodyFault };

/** What a kind accepts. */
export interface BodyLimits {
  /** The largest body that is read. */
  readonly maxBytes: number;
  /** The most values of a larger body, counted by arrays, objects and commas. */
  readonly maxValues: number;
  /** Those read as JSON, in lower case; the empty text is a request without Content-Type. */
  readonly mediaTypes: readonly string[] | "any";
  /** Whether a body without Content-Length, or with 0, is refused. */
  readonly lengthRequired: boolean;
  /** Whether bytes that are not UTF-8 become U+FFFD instead of making the body malformed. */
  readonly lossyText: boolean;
}
