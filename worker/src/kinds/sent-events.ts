/** Reads the events of a report as the reporter sends them, under the key `events`. */

import type { SentEvent } from "./counters.ts";

/** The key of a report that its events have. */
export const EVENTS_KEY = "events";

/** A sum of one UTC day. */
interface Sum {
  readonly event?: unknown;
  /** Such as `2026-11-26`. */
  readonly day?: unknown;
  /** The values that the sum is kept by, and the sums: `{"name": "add", "count": 3}`. */
  readonly properties?: unknown;
}

/**
 * List the events of *report*, unchecked. A report without them counts nothing.
 *
 * @param report - what was read from the request: any JSON
 */
export function listSentEvents(report: unknown): readonly SentEvent[] {
  const events = (report as Readonly<Record<string, unknown>>)[EVENTS_KEY];
  return Array.isArray(events)
    ? events.map((sum: Sum | null) => ({
        name: sum?.event,
        properties: sum?.properties ?? {},
        time: sum?.day,
      }))
    : [];
}
