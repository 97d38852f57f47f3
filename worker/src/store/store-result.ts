/** Defines the outcomes of storing a report. */

export type StoreResult =
  | { readonly outcome: "stored" }
  /** The times of the last report (ISO 8601) and until the next, in milliseconds. */
  | { readonly outcome: "already submitted"; readonly lastSent: string; readonly waitMs: number }
  | { readonly outcome: "limited"; readonly waitMs: number };
