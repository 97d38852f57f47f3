/** What wrangler.jsonc binds. */

export interface Env {
  readonly DB: D1Database;
  /** Days that a raw report is kept; a string if it was set by hand. */
  readonly RETENTION_DAYS: number | string;
  /** Absent where nothing is limited: on this machine. */
  readonly LIMIT_ADDRESS?: RateLimit;
  readonly LIMIT_ALL?: RateLimit;
}
