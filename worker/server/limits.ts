/** Limits requests: counts them by key in memory, for one period at a time. */

import type { Limiter } from "../src/kinds/env.ts";

/** How many requests are accepted in a period, in seconds. */
export interface Limit {
  readonly limit: number;
  readonly period: number;
}

const MOST_KEYS = 100_000;

/** Create a limiter that deletes all keys after each period: it keeps no address for longer. */
export function createLimiter({ limit, period }: Limit): Limiter {
  const counts = new Map<string, number>();
  setInterval(() => counts.clear(), period * 1000).unref();
  return {
    limit({ key }) {
      // Senders beyond the most that are counted share a key.
      const counted = counts.has(key) || counts.size < MOST_KEYS ? key : "";
      const count = (counts.get(counted) ?? 0) + 1;
      counts.set(counted, count);
      return Promise.resolve({ success: count <= limit });
    },
  };
}
