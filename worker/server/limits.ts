/** Limits requests: counts them by key in memory, for one period at a time. */

import type { Limiter } from "../src/kinds/env.ts";

export interface Limit {
  readonly limit: number;
  /** In seconds. */
  readonly period: number;
}

const MOST_KEYS = 100_000;
/** The key that all senders share which come after the most that are counted. */
const REST = "";

export class PeriodLimiter implements Limiter {
  readonly #counts = new Map<string, number>();
  readonly #limit: number;

  /** All keys are deleted after each period, which keeps no address for longer. */
  constructor({ limit, period }: Limit) {
    this.#limit = limit;
    setInterval(() => this.#counts.clear(), period * 1000).unref();
  }

  limit({ key }: { readonly key: string }): Promise<{ readonly success: boolean }> {
    const isCounted = this.#counts.has(key) || this.#counts.size < MOST_KEYS;
    const counted = isCounted ? key : REST;
    const count = (this.#counts.get(counted) ?? 0) + 1;
    this.#counts.set(counted, count);
    return Promise.resolve({ success: count <= this.#limit });
  }
}
