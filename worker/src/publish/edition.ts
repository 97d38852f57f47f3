/** Builds an edition: the published data of one period, from which every output is made. */

import type { ReportKind } from "../kinds/kind.ts";
import { isMonth } from "../statistics/periods.ts";
import { summarize, type Summary } from "../statistics/summary.ts";
import { LEAST } from "../statistics/withholding.ts";

/** The row that the daily run stores for a period. */
export interface Publication {
  readonly period: string;
  /** When it was counted, ISO 8601. */
  readonly asOf: string;
  /** JSON of a summary, with `from` and `until`. */
  readonly body: string;
}

/** How to read the numbers. */
export const RULES = {
  least: LEAST,
  counted:
    "Each installation counts once, with its latest report of the period. Reports are voluntary " +
    "and sent by hand, so there are more installations than these numbers show.",
  withheld:
    `Numbers below ${LEAST} are withheld. So that nobody can calculate them, some of the next ` +
    "smallest numbers are withheld too. The withheld numbers of a field add up to what is missing " +
    `from the total. If fewer than ${LEAST} installations report, nothing is published.`,
  weakness:
    "Each answer is safe by itself. Someone who compares answers of several days or periods, or " +
    "who knows how two fields depend on each other, may learn more than one answer shows.",
};

export interface Edition extends Summary {
  readonly period: string;
  /** When it was counted, ISO 8601; null if nothing has been counted yet. */
  readonly as_of: string | null;
  readonly from: string | null;
  readonly until: string | null;
  readonly rules: typeof RULES;
  /** Every period that has an edition. */
  readonly periods: readonly string[];
}

/**
 * Build the edition of *period*, or null if there is none.
 *
 * A window that has not been counted yet has an empty edition; a month has none.
 */
export function buildEdition(
  kind: ReportKind,
  period: string,
  publication: Publication | undefined,
  periods: readonly string[],
): Edition | null {
  if (publication === undefined) {
    const empty = { from: null, until: null, ...summarize(kind.published, new Map()) };
    return isMonth(period) ? null : { period, as_of: null, rules: RULES, periods, ...empty };
  }
  const body = JSON.parse(publication.body) as Summary & { from: string; until: string };
  return { period, as_of: publication.asOf, rules: RULES, periods, ...body };
}

export interface MonthlySummary extends Summary {
  readonly period: string;
  readonly until: string;
}

export function parseMonth({ period, body }: Publication): MonthlySummary {
  return { ...(JSON.parse(body) as MonthlySummary), period };
}
