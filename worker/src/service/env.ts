/** Declares the bindings and variables that wrangler.jsonc sets. */

import type { RateLimits } from "../http/rate-limits.ts";

export interface Env extends RateLimits {
  readonly DB: D1Database;
  /** How many days reports are kept; a string if an operator set it by hand. */
  readonly RETENTION_DAYS: number | string;
}
