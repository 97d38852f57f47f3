/** Declares the bindings, variables and secrets that wrangler.jsonc sets. */

export interface Env {
  readonly DB: D1Database;
  /** How many days reports are kept, if the operator chose another number than the kind's. */
  readonly RETENTION_DAYS?: number | string;
  /** Cloudflare's rate limiters; absent where nothing is limited. */
  readonly LIMIT_ADDRESS?: RateLimit;
  readonly LIMIT_NETWORK?: RateLimit;
  readonly LIMIT_ALL?: RateLimit;
  /** Counts the reports of each installation, of the kinds that ask for it. */
  readonly LIMIT_INSTALLATION?: RateLimit;
  /** The operator's secret, and another one while it is replaced. */
  readonly OPERATOR_SECRET?: string;
  readonly OPERATOR_SECRET_2?: string;
  /** A secret of the project. */
  readonly [name: string]: unknown;
}
