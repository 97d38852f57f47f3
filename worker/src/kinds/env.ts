/** Declares what a receiver gets from its runtime: bindings, variables and secrets. */

import type { Database } from "./database.ts";

/** Counts requests by key. */
export interface Limiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

export interface Env {
  readonly DB: Database;
  /** How many days reports are kept, if the operator chose another number than the kind's. */
  readonly RETENTION_DAYS?: number | string;
  /** The rate limiters of senders; absent where nothing is limited. */
  readonly LIMIT_ADDRESS?: Limiter;
  readonly LIMIT_NETWORK?: Limiter;
  readonly LIMIT_ALL?: Limiter;
  /** Counts the reports of each installation, of the kinds that ask for it. */
  readonly LIMIT_INSTALLATION?: Limiter;
  /** The operator's secret, and another one while it is replaced. */
  readonly OPERATOR_SECRET?: string;
  readonly OPERATOR_SECRET_2?: string;
  /** A secret of the project. */
  readonly [name: string]: unknown;
}
