/** How long raw reports are kept. */

import type { Env } from "./env";
import { WINDOW_MS } from "./store/reports";

const DAY_MS = 86_400_000;
const LEAST_DAYS = WINDOW_MS / DAY_MS;
/** A century: what lies further back is no date any more. */
const MOST_DAYS = 36_500;

export interface Retention {
  readonly days: number;
  /** What was received before is not kept. */
  readonly since: Date;
}

/**
 * @param due - when the run was due that asks
 * @throws Error - if what is configured is none
 */
export function retention({ RETENTION_DAYS }: Env, due: Date): Retention {
  const days = Number(RETENTION_DAYS);
  if (!Number.isInteger(days) || days < LEAST_DAYS || days > MOST_DAYS) {
    throw new Error(
      "Nothing is counted or purged: RETENTION_DAYS in wrangler.jsonc must be a whole" +
        ` number of days, ${LEAST_DAYS} (the dedupe needs those) to ${MOST_DAYS}.`,
    );
  }
  return { days, since: new Date(due.getTime() - days * DAY_MS) };
}
