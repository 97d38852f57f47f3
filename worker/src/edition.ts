/** What is told of a period, wherever it is told: as JSON, CSV, a badge or a page. */

import { USAGE } from "./kinds";
import { LEAST } from "./ksafe";
import { isMonth, isPeriod } from "./periods";
import { statistics, type Statistics } from "./statistics";
import { published } from "./store/statistics";

/** How to read the numbers. */
export const RULES = {
  least: LEAST,
  counted:
    "Distinct installations, each as it was in its latest report of the period. " +
    "Reports are voluntary, and sent by hand: there are more installations than report.",
  withheld:
    `No number below ${LEAST} is told. Such cells are withheld, together with as many of the next ` +
    "smallest as keep them from being worked out; all of a field's withheld cells add up to what " +
    `is missing from the total. Of fewer than ${LEAST} installations nothing is told at all.`,
  weakness:
    "Each answer is safe by itself. Whoever compares answers of several days or periods, or knows " +
    "how two fields hang together, may learn more from them than either tells.",
};

export interface Edition extends Statistics {
  readonly period: string;
  /** When it was counted, ISO 8601; null if nothing has been counted yet. */
  readonly as_of: string | null;
  readonly from: string | null;
  readonly until: string | null;
  readonly rules: typeof RULES;
  /** What else may be asked for. */
  readonly periods: readonly string[];
}

const UNCOUNTED = {
  from: null,
  until: null,
  ...statistics(USAGE.published, new Map()),
};

/** The edition of *period*, null if there is none. @throws Error - if D1 fails */
export async function edition(db: D1Database, period: string): Promise<Edition | null> {
  if (!isPeriod(period)) {
    return null;
  }
  const { found, periods } = await published(db, [period]);
  const told = found.get(period);
  if (told === undefined) {
    return isMonth(period) ? null : { period, as_of: null, rules: RULES, periods, ...UNCOUNTED };
  }
  const body = JSON.parse(told.body) as typeof UNCOUNTED;
  return { period, as_of: told.asOf, rules: RULES, periods, ...body };
}

export interface Month extends Statistics {
  readonly period: string;
  readonly until: string;
}

/** The last months among *periods*, *most* at most, the oldest first. @throws Error - if D1 fails */
export async function months(
  db: D1Database,
  periods: readonly string[],
  most: number,
): Promise<readonly Month[]> {
  const wanted = periods.filter(isMonth).toSorted().slice(-most);
  const { found } = await published(db, wanted);
  return wanted.flatMap((period) => {
    const told = found.get(period);
    return told === undefined ? [] : [{ ...(JSON.parse(told.body) as Month), period }];
  });
}
